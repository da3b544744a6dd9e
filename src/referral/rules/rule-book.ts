import type { Definitions } from '../../fhir/definitions/definitions.ts';
import { compile } from '../../fhir/fhirpath/compile.ts';
import type { Element } from '../../fhir/resource.ts';
import { variablesIn, variablesOfType } from '../context/variables.ts';
import { elements, extension, string } from '../elements.ts';
import { codeSystems, extensions, rulesUrl } from '../vocabulary.ts';
import { compileRequirement } from './requirement.ts';
import type { Rule, RuleExpression } from './rule.ts';

/** The rules of a community, in the order of its PlanDefinition, by the type of resource that they speak of. */
export interface RuleBook {
  of(type: string): readonly Rule[];
  readonly all: readonly Rule[];
}

const severities = ['error', 'warning', 'information'] as const;

/**
 * Reads the rules from the PlanDefinition `referral-rules`, which a community can replace, and compiles everything
 * in them. Rules that only the clock triggers are not among them. Throws an Error that names the action and what is wrong with it: a server must not start with a rule that
 * it does not understand. Without that PlanDefinition there are no rules.
 */
export function readRuleBook(definitions: Definitions): RuleBook {
  const plan = definitions.find('PlanDefinition', rulesUrl);
  const onSubmission = elements(plan, 'action').filter((action) =>
    elements(action, 'trigger').some(
      (trigger) => isReferral(trigger) || isCreation(trigger) || isDataAdded(trigger),
    ),
  );
  const all = onSubmission.map((action) => {
    try {
      return readRule(action);
    } catch (error) {
      throw new Error(`${rulesUrl}, action ${string(action, 'id')}: ${(error as Error).message ?? error}`);
    }
  });
  const byType = Map.groupBy(all, (rule) => rule.focus.type);
  return { all, of: (type) => byType.get(type) ?? [] };
}

function readRule(action: Element): Rule {
  const [input, ...needs] = elements(action, 'input').map(compileRequirement);
  if (!input) throw new Error('it has no input, so it speaks of no resource');
  const condition = conditionOf(action);
  if (condition === undefined) throw new Error('it has no condition');
  const evidence = expressionOf(extension(action, extensions.ruleEvidence), 'valueExpression');
  for (const { type } of needs)
    if (!variablesOfType[type]) throw new Error(`its input ${type} is in no variable of the context`);

  const mayFollow = string(extension(action, extensions.ruleMayFollow), 'valueCode');
  const key = codeOf(action);
  return {
    key,
    severity: severityOf(action),
    text: {
      zh: string(action, 'title') ?? key,
      en: string(action, 'textEquivalent') ?? key,
    },
    source: elements(action, 'documentation')
      .flatMap((each) => string(each, 'citation') ?? [])
      .join('; '),
    place: string(extension(action, extensions.rulePlace), 'valueString') ?? input.type,
    focus: input,
    always: elements(action, 'trigger').some(isDataAdded),
    onCreation: elements(action, 'trigger').every(isCreation),
    ...(mayFollow !== undefined && { mayFollow }),
    needs,
    holds: readExpression(condition),
    ...(evidence !== undefined && { evidence: readExpression(evidence) }),
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

function readExpression(text: string): RuleExpression {
  return { evaluate: compile(text), variables: variablesIn(text) };
}

function codeOf(action: Element): string {
  const codings = elements(action, 'code').flatMap((code) => elements(code, 'coding'));
  const code = string(
    codings.find((coding) => coding.system === codeSystems.rule),
    'code',
  );
  if (code === undefined) throw new Error(`it has no code of ${codeSystems.rule}`);
  return code;
}

function severityOf(action: Element): Rule['severity'] {
  const code = string(extension(action, extensions.ruleSeverity), 'valueCode');
  const severity = severities.find((each) => each === code);
  if (!severity) throw new Error(`its severity "${code}" is not one of ${severities.join(', ')}`);
  return severity;
}

function expressionOf(parent: Element | undefined, member = 'expression'): string | undefined {
  return string(elements(parent, member)[0], 'expression');
}
