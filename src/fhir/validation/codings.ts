import type { Definitions } from '../definitions/definitions.ts';
import { type Coding, type Element, isElement } from '../resource.ts';
import { isUcumUnit, ucumSystem, usualUnit } from '../units.ts';
import { mostListed } from './bindings.ts';
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
  /** Of what is derived from Quantity: Age, Count, Distance, Duration. */
  readonly measure: Check;
  readonly identifier: Check;
}

export function createCodingChecks(definitions: Definitions, sets: ValueSets): CodingChecks {
  function checkCoding({ system, version, code }: Coding, visit: Visit): void {
    const { report } = visit;
    if (typeof system !== 'string') return;
    if (!absolute.test(system) && !system.startsWith('#')) report.add(findings.systemNotAbsolute, [], system);
    else if (isValueSet(system)) report.add(findings.systemIsValueSet, [], system);
    else if (typeof code !== 'string') return;
    else if (system === ucumSystem) checkUnit(code, visit);
    else if (!reportMissing(system, typeof version === 'string' ? version : undefined, code, visit))
      reportUnknown(system, code, visit);
  }

  /** Tells a code that none of its system's tables has; false where it has no table. */
  function reportMissing(
    system: string,
    version: string | undefined,
    code: string,
    { report, codes }: Visit,
  ): boolean {
    const tables = sets.tablesOf(system);
    if (tables.length === 0) return false;
    const editions = version === undefined ? tables : sets.tablesOf(system, version);
    const isMissing = editions.length > 0 && editions.every((table) => codes?.find(table, code) === null);
    if (isMissing) {
      const isWhole = editions.every(({ isComplete }) => isComplete);
      report.add(isWhole ? findings.unknownCode : findings.codeNotInFragment, [code, system], code);
    }
    return true;
  }

  function reportUnknown(system: string, code: string, { report }: Visit): void {
    const codes = sets.codesOf(system);
    if (!codes || codes.has(code)) return;
    if (growing.test(system) && capitals.test(code))
      report.add(findings.codeOfLaterEdition, [code, system], code);
    else if (codes.size <= mostListed)
      report.add(findings.unknownCodeListed, [code, system, [...codes].join(', ')], code);
    else report.add(findings.unknownCode, [code, system], code);
  }

  function isValueSet(system: string): boolean {
    return (
      definitions.find('ValueSet', system) !== undefined &&
      definitions.find('CodeSystem', system) === undefined
    );
  }

  function checkQuantity({ system, code }: Element, visit: Visit): void {
    if (typeof system !== 'string') return;
    if (!absolute.test(system)) visit.report.add(findings.systemNotAbsolute, [], system);
    if (typeof code !== 'string') return;
    if (system === ucumSystem) checkUnit(code, visit);
    else if (codeRules.get(system)?.(code) === false)
      visit.report.add(findings.unknownUnit, [code, system], code);
    else if (!growing.test(system)) reportUnknown(system, code, visit);
    else if (sets.codesOf(system)?.has(code) === false)
      visit.report.add(findings.codeOfLaterEdition, [code, system], code);
  }

  return {
    coding: (value, visit) => {
      if (isElement(value)) checkCoding(value, visit);
    },
    codeableConcept: (value, visit) => {
      const coding = isElement(value) ? value.coding : undefined;
      if (!Array.isArray(coding)) return;
      for (const one of coding) {
        if (!isElement(one)) continue;
        checkCoding(one, visit);
        if (one.code === undefined && typeof one.system === 'string' && sets.codesOf(one.system))
          visit.report.add(findings.codingWithoutCode, [one.system]);
      }
    },
    quantity: (value, visit) => checkQuantity(value as Element, visit),
    // Their units are bound by invariants of their own; HL7's validator does not look at them.
    measure: (value, { report }) => {
      const { system, code } = value as Element;
      if (system === ucumSystem && typeof code === 'string' && !isUcumUnit(code))
        report.add({ ...findings.unknownUnit, severity: 'warning' }, [code, system], code);
    },
    identifier: (value, { report }) => {
      const { system } = value as Element;
      if (typeof system === 'string' && !absolute.test(system))
        report.add(findings.identifierSystem, [], system);
    },
  };
}

/** Tables of HL7 that have grown since R4, whose editions an unversioned code does not tell apart; and how their codes look. */
const growing = /^http:\/\/terminology\.hl7\.org\/CodeSystem\/v[23]-/;
const capitals = /^[A-Z0-9_-]+$/;

function checkUnit(code: string, { report }: Visit): void {
  const usual = usualUnit(code);
  if (usual !== undefined) report.add(findings.misspeltUnit, [code, usual], code);
  else if (!isUcumUnit(code)) report.add(findings.unknownUnit, [code, ucumSystem], code);
}
