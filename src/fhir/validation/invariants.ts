import { compile, type Expression } from '../fhirpath/compile.ts';
import type { Text } from '../outcome.ts';
import { isElement } from '../resource.ts';
import type { Constraint } from '../snapshots/element-definition.ts';
import { findings } from './findings/findings.ts';
import { chineseInvariants, usableName } from './invariant-texts.ts';
import { plainInvariants, plainPrimitiveInvariants } from './plain-invariants.ts';
import { type Check, environmentOf, servicesOf, type Visit } from './visit.ts';

const bestPractice = 'http://hl7.org/fhir/StructureDefinition/elementdefinition-bestpractice';

/**
 * Expressions of R4 that do not say what their text says, as corrected in later versions of the specification.
 */
const corrected: Readonly<Record<string, string>> = {
  // FHIR's own type, where the text has FHIRPath's.
  'que-7': "operator = 'exists' implies (answer is boolean)",
  // "If there are more than one enableWhen": R4 wrote > 2.
  'que-12': 'enableWhen.count() > 1 implies enableBehavior.exists()',
};

/**
 * The checks of an element's constraints (http://hl7.org/fhir/R4/elementdefinition-definitions.html#ElementDefinition.constraint).
 * `type` is the type or path of the element, which FHIRPath needs to find the choices in it. Best-practice
 * recommendations are left out, and so is what the walk over the structure checks itself. `steps` bounds what a rule may
 * cost whose author is a stranger.
 */
export function compileConstraints(
  constraints: readonly Constraint[] = [],
  type: string,
  steps?: number,
): Check[] {
  return constraints.flatMap((constraint) => compileConstraint(constraint, type, steps) ?? []);
}

function compileConstraint(
  constraint: Constraint,
  type: string,
  steps: number | undefined,
): Check | undefined {
  const { key, expression, extension, source } = constraint;
  // Another author may have another rule by the same key.
  const isOfR4 = source === undefined || source.startsWith('http://hl7.org/fhir/');
  const plain = isOfR4 ? plainInvariants.get(key) : undefined;
  if (plain === null) return undefined;
  if (plain) {
    return (value, visit) => {
      if (isElement(value) && !plain(value, visit)) reportBroken(constraint, visit);
    };
  }
  const primitive = isOfR4 ? plainPrimitiveInvariants.get(key) : undefined;
  if (primitive) {
    return (value, visit) => {
      if (!primitive(value)) reportBroken(constraint, visit);
    };
  }
  if (!expression || extension?.some(({ url, valueBoolean }) => url === bestPractice && valueBoolean)) {
    return undefined;
  }
  let rule: Expression | null | undefined;
  return (value, visit) => {
    if (rule === undefined) rule = compiled((isOfR4 && corrected[key]) || expression, type, steps);
    try {
      if (rule === null) visit.report.add(findings.invariantNotEvaluated, [key]);
      else if (!holds(rule, value, visit)) reportBroken(constraint, visit);
    } catch {
      visit.report.add(findings.invariantNotEvaluated, [key]);
    }
  };
}

/** Null of what cannot be compiled. */
function compiled(expression: string, type: string, steps: number | undefined): Expression | null {
  try {
    return compile(expression, { type, services: true, steps });
  } catch {
    return null;
  }
}

/** A rule holds when it gives true: nothing at all counts as broken, as the reference validator has it. */
function holds(rule: Expression, value: unknown, visit: Visit): boolean {
  const result = rule(value, environmentOf(visit), servicesOf(visit));
  return result.length > 0 && result[0] !== false;
}

function reportBroken({ key, severity, human, source }: Constraint, { report }: Visit): void {
  const kind = severity === 'error' ? findings.invariant : findings.invariantWarning;
  const { zh, en } = inBothLanguages(key, human);
  const text = {
    zh: kind.zh.replace('{0}', key).replace('{1}', zh),
    en: kind.en.replace('{0}', key).replace('{1}', en),
  };
  report.addText(kind, text, undefined, { ...(source && { system: source }), code: key });
}

/** A rule's text in both languages: as it is written itself, `中文 / English`, or as it is translated here. */
function inBothLanguages(key: string, human: string): Text {
  const [, zh, en] = /^(.*\p{Script=Han}.*?) \/ (.+)$/su.exec(human) ?? [];
  if (zh && en) return { zh, en };
  const translated = key.endsWith('-0') ? usableName : chineseInvariants[key];
  return { zh: translated ?? human, en: human };
}
