import type { Definitions } from '../definitions/definitions.ts';
import { type Coding, type Element, isElement } from '../resource.ts';
import { isUcumUnit, ucumSystem, usualUnit } from '../units.ts';
import { codeRules } from './code-rules.ts';
import { findings } from './findings/findings.ts';
import type { ValueSets } from './value-sets.ts';
import type { Check, Visit } from './visit.ts';

const absolute = /^[A-Za-z][A-Za-z0-9+.-]*:/;

/**
 * Checks codes against their code systems (http://hl7.org/fhir/R4/datatypes.html#Coding), whatever the binding: a
 * system is an absolute URI of a code system, and when all its codes are known, the code is one of them.
 */
export interface CodingChecks {
  readonly coding: Check;
  readonly codeableConcept: Check;
  readonly quantity: Check;
  readonly identifier: Check;
}

export function createCodingChecks(definitions: Definitions, sets: ValueSets): CodingChecks {
  function checkCoding({ system, code }: Coding, visit: Visit): void {
    const { report } = visit;
    if (typeof system !== 'string') return;
    if (!absolute.test(system) && !system.startsWith('#')) report.add(findings.systemNotAbsolute, [], system);
    else if (isValueSet(system)) report.add(findings.systemIsValueSet, [], system);
    else if (typeof code === 'string' && isUnknown(system, code))
      report.add(findings.unknownCode, [code, system], code);
  }

  function isValueSet(system: string): boolean {
    return (
      definitions.find('ValueSet', system) !== undefined &&
      definitions.find('CodeSystem', system) === undefined
    );
  }

  function isUnknown(system: string, code: string): boolean {
    const codes = sets.codesOf(system);
    return codes !== undefined && !codes.has(code);
  }

  return {
    coding: (value, visit) => {
      if (isElement(value)) checkCoding(value, visit);
    },
    codeableConcept: (value, visit) => {
      const coding = isElement(value) ? value.coding : undefined;
      if (!Array.isArray(coding)) return;
      for (const one of coding) if (isElement(one)) checkCoding(one, visit);
    },
    // Units are a warning: examples of the specification itself use codes that their systems do not have.
    quantity: (value, { report }) => {
      const { system, code } = value as Element;
      if (typeof system !== 'string' || typeof code !== 'string') return;
      if (system === ucumSystem) {
        const usual = usualUnit(code);
        if (usual !== undefined) report.add(findings.misspeltUnit, [code, usual], code);
        else if (!isUcumUnit(code)) report.add(findings.unknownUnit, [code, system], code);
      } else if (!(codeRules.get(system)?.(code) ?? !isUnknown(system, code)))
        report.add(findings.unknownUnit, [code, system], code);
    },
    identifier: (value, { report }) => {
      const { system } = value as Element;
      if (typeof system === 'string' && !absolute.test(system))
        report.add(findings.identifierSystem, [], system);
    },
  };
}
