import { elements, extension, string } from '../../fhir/elements.ts';
import { compile } from '../../fhir/fhirpath/compile.ts';
import type { Element } from '../../fhir/resource.ts';
import { variables, variablesIn, variablesOfType } from '../context/variables.ts';
import { codeSystems, extensions } from '../vocabulary.ts';
import { type Constants, readConstants } from './constants.ts';
import { ActionProblem } from './problem.ts';
import { compileRequirement } from './requirement.ts';
import type { Indication, Rule, RuleExpression, Statement } from './rule.ts';

const severities = ['error', 'warning', 'information'] as const;

/** A bound on what is compiled; the longest rule of the project has 1,700 characters. */
const longestExpression = 10_000;

/** What an expression can read beside the variables of the context (http://hl7.org/fhir/R4/fhirpath.html#variables). */
const standard: ReadonlySet<string> = new Set([
  ...['context', 'resource', 'rootResource', 'ucum', 'sct', 'loinc'],
  ...variables,
]);

/**
 * Reads and compiles an action that is a rule. Throws an ActionProblem for what cannot be applied: a rule that is passed
 * over in silence would be worse than none.
 */
export function readRule(action: Element, displays: ReadonlyMap<string, string>): Rule {
  const statement = readStatement(action, displays);
  const mayFollow = string(extension(action, extensions.ruleMayFollow), 'valueCode');
  return {
    ...statement,
    severity: severityOf(action),
    place: string(extension(action, extensions.rulePlace), 'valueString') ?? statement.focus.type,
    always: elements(action, 'trigger').some(isDataAdded),
    onCreation: elements(action, 'trigger').every(isCreation),
    ...(mayFollow !== undefined && { mayFollow }),
  };
}

/** The same for an action that says what supports an indication. */
export function readIndication(action: Element, displays: ReadonlyMap<string, string>): Indication {
  return readStatement(action, displays);
}

/** Whether an action is applied to what is submitted, and not only by the clock. */
export function isOnSubmission(action: Element): boolean {
  const triggers = elements(action, 'trigger');
  if (triggers.length === 0)
    throw new ActionProblem('trigger', {
      zh: '没有触发时机(trigger)',
      en: 'it has no trigger, so it would never be applied',
    });
  return triggers.some((trigger) => isReferral(trigger) || isCreation(trigger) || isDataAdded(trigger));
}

function readStatement(action: Element, displays: ReadonlyMap<string, string>): Statement {
  const [input, ...needs] = elements(action, 'input').map(compileRequirement);
  if (!input)
    throw new ActionProblem('input', {
      zh: '没有 input,不知针对哪种资源',
      en: 'it has no input, so it speaks of no resource',
    });
  for (const { type } of needs)
    if (!variablesOfType[type])
      throw new ActionProblem('input', {
        zh: `上下文的变量中没有 ${type}`,
        en: `its input ${type} is in no variable of the context`,
      });
  const constants = readConstants(action);
  const condition = conditionOf(action);
  if (condition === undefined)
    throw new ActionProblem('condition', { zh: '没有条件', en: 'it has no condition' });
  const evidence = expressionOf(extension(action, extensions.ruleEvidence), 'valueExpression');
  const { system, code, display } = codingOf(action);
  const text = {
    zh: constants.inText(string(action, 'title') ?? code),
    en: constants.inText(string(action, 'textEquivalent') ?? code),
  };
  return {
    key: code,
    system,
    text,
    display: displays.get(`${system}|${code}`) ?? display ?? text.zh,
    source: elements(action, 'documentation')
      .flatMap((each) => string(each, 'citation') ?? [])
      .join('; '),
    focus: input,
    needs,
    holds: readExpression(condition, constants, 'condition[0].expression'),
    ...(evidence !== undefined && { evidence: readExpression(evidence, constants, 'extension') }),
  };
}

/** What must hold: the first condition, where a further one of applicability holds (http://hl7.org/fhir/R4/valueset-action-condition-kind.html). */
function conditionOf(action: Element): string | undefined {
  const [first, ...others] = elements(action, 'condition');
  const asked = expressionOf(first);
  const applicable = expressionOf(others.find(({ kind }) => kind === 'applicability'));
  return asked === undefined || applicable === undefined ? asked : `iif(${applicable}, ${asked}, true)`;
}

function isDataAdded(trigger: Element): boolean {
  return trigger.type === 'data-added';
}

function isReferral(trigger: Element): boolean {
  return trigger.type === 'named-event' && trigger.name === 'referral';
}

function isCreation(trigger: Element): boolean {
  return trigger.type === 'named-event' && trigger.name === 'referral-created';
}

function readExpression(written: string, constants: Constants, place: string): RuleExpression {
  if (written.length > longestExpression)
    throw new ActionProblem(place, {
      zh: `表达式超过 ${longestExpression} 个字符`,
      en: `the expression is longer than ${longestExpression} characters`,
    });
  const text = constants.inExpression(written);
  const unknown = namesIn(text).find((name) => !standard.has(name));
  if (unknown !== undefined)
    throw new ActionProblem(place, {
      zh: `没有变量或阈值 %${unknown}`,
      en: `there is no variable or threshold %${unknown}`,
    });
  try {
    // What this engine does not know is found here, and not when a referral is judged.
    return { evaluate: compile(text, { native: true }), variables: variablesIn(text) };
  } catch (error) {
    const reason = (error as Error).message ?? String(error);
    throw new ActionProblem(place, {
      zh: `FHIRPath 表达式无法编译:${reason}`,
      en: `the FHIRPath expression cannot be compiled: ${reason}`,
    });
  }
}

/** The variables that an expression names, outside of its texts. */
function namesIn(expression: string): string[] {
  const found = expression.matchAll(/'(?:\\.|[^'\\])*'|`(?:\\.|[^`\\])*`|%([A-Za-z]\w*)/g);
  return [...found].flatMap(([, name]) => name ?? []);
}

/**
 * The coding that tells an action from others: of the rules or the indications of the project, else the first, by which
 * a county knows a rule of its own. Throws an ActionProblem when there is none.
 */
export function codingOf(action: Element): { system: string; code: string; display: string | undefined } {
  const known: readonly unknown[] = [codeSystems.rule, codeSystems.indication];
  const all = elements(action, 'code').flatMap((code) => elements(code, 'coding'));
  const coding = all.find(({ system }) => known.includes(system)) ?? all[0];
  const [system, code] = [string(coding, 'system'), string(coding, 'code')];
  if (system === undefined || code === undefined)
    throw new ActionProblem('code', {
      zh: `没有 ${codeSystems.rule} 或本县编码系统的编码`,
      en: `it has no code of ${codeSystems.rule}, or of a system of its own`,
    });
  return { system, code, display: string(coding, 'display') };
}

function severityOf(action: Element): Rule['severity'] {
  const code = string(extension(action, extensions.ruleSeverity), 'valueCode');
  const severity = severities.find((each) => each === code);
  if (!severity)
    throw new ActionProblem('extension', {
      zh: `级别「${code ?? ''}」须为 ${severities.join('、')} 之一`,
      en: `its severity "${code ?? ''}" is not one of ${severities.join(', ')}`,
    });
  return severity;
}

function expressionOf(parent: Element | undefined, member = 'expression'): string | undefined {
  return string(elements(parent, member)[0], 'expression');
}
