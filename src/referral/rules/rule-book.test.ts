import { describe, expect, test } from '@jest/globals';
import type { Definitions } from '../../fhir/definitions/definitions.ts';
import type { Element, Resource } from '../../fhir/resource.ts';
import type { Context } from '../context/context.ts';
import { variables } from '../context/variables.ts';
import { issueOf } from './apply.ts';
import { judge } from './judge.ts';
import { readRuleBook } from './rule-book.ts';

const base = 'https://w3id.org/zhuanzhen';

/** An action as a county would write it. */
function action(changes: Element = {}, expression = "status = 'active'"): Element {
  return {
    id: 'x-active',
    code: [{ coding: [{ system: `${base}/CodeSystem/referral-rule`, code: 'x-active' }] }],
    title: '须有效',
    textEquivalent: 'Must be active',
    documentation: [{ type: 'citation', citation: 'Our county, § 1' }],
    extension: [
      { url: `${base}/StructureDefinition/rule-severity`, valueCode: 'error' },
      { url: `${base}/StructureDefinition/rule-evidence`, valueExpression: { expression: 'status' } },
      { url: `${base}/StructureDefinition/rule-place`, valueString: 'ServiceRequest.status' },
    ],
    trigger: [{ type: 'named-event', name: 'referral' }],
    input: [{ type: 'ServiceRequest' }],
    condition: [{ kind: 'applicability', expression: { language: 'text/fhirpath', expression } }],
    ...changes,
  };
}

function bookOf(...actions: Element[]) {
  const url = `${base}/PlanDefinition/referral-rules`;
  return readRuleBook(definitionsOf({ resourceType: 'PlanDefinition', url, action: actions }));
}

/** Definitions that have these plans and nothing else. */
function definitionsOf(...plans: Resource[]): Definitions {
  return {
    resourceTypes: ['PlanDefinition'],
    find: (type: string, url: string) => plans.find((each) => each.resourceType === type && each.url === url),
    all: (type: string) => plans.filter((each) => each.resourceType === type),
  } as Definitions;
}

/** A context that has these observations and nothing else. */
function contextWith(obs: readonly Resource[] = []): Context {
  const environment = { ...Object.fromEntries(variables.map((name) => [name, []])), obs };
  return { patient: undefined, environment, load: async () => {} };
}

const active: Resource = { resourceType: 'ServiceRequest', id: 'sr', status: 'active', priority: 'stat' };
const draft: Resource = { ...active, status: 'draft' };

async function broken(rule: Element, focus: Resource, obs: readonly Resource[] = []): Promise<boolean> {
  const rules = bookOf(rule).of('ServiceRequest');
  return (await judge([{ focus, context: contextWith(obs), rules }])).length > 0;
}

describe('a rule', () => {
  test('holds when its condition is true', async () => {
    expect(await broken(action(), active)).toBe(false);
  });

  test('holds where it is not applicable', async () => {
    const condition = [
      { kind: 'start', expression: { expression: "status = 'active'" } },
      { kind: 'applicability', expression: { expression: "priority = 'stat'" } },
    ];
    expect(await broken(action({ condition }), draft)).toBe(true);
    expect(await broken(action({ condition }), { ...draft, priority: 'routine' })).toBe(false);
  });

  test('that is broken names itself, both texts, the place, the values and the source', async () => {
    const rules = bookOf(action()).of('ServiceRequest');
    const [found] = await judge([{ focus: draft, context: contextWith(), rules }]);
    expect(issueOf(found!.breach)).toEqual({
      severity: 'error',
      code: 'business-rule',
      coding: { system: `${base}/CodeSystem/referral-rule`, code: 'x-active', display: '须有效' },
      text: { zh: '须有效', en: 'Must be active' },
      expression: ['ServiceRequest.status'],
      diagnostics: 'draft (source: Our county, § 1)',
    });
  });

  test.each([
    ['is false', 'false'],
    ['gives nothing', 'note.text = 1'],
    ['gives something else', 'status'],
    ['cannot be evaluated', 'status.single() + 1 year and (1 | 2).single()'],
  ])('is broken when its condition %s', async (_, expression) => {
    expect(await broken(action({}, expression), active)).toBe(true);
  });

  test('is asked only of what its first input describes: any of the codes, of every filter', async () => {
    const codeFilter = [
      { path: 'priority', code: [{ code: 'urgent' }, { code: 'stat' }] },
      { path: 'status', code: [{ code: 'draft' }] },
    ];
    const rule = action({ input: [{ type: 'ServiceRequest', codeFilter }] });
    expect(await broken(rule, draft)).toBe(true);
    expect(await broken(rule, { ...draft, priority: 'routine' })).toBe(false);
    expect(await broken(rule, { ...draft, status: 'revoked' })).toBe(false);
  });

  test('is asked only when the context has what its other inputs describe', async () => {
    const coded = { system: 'http://loinc.org', code: '85354-9' };
    const rule = action({
      input: [
        { type: 'ServiceRequest' },
        { type: 'Observation', codeFilter: [{ path: 'code', code: [coded] }] },
      ],
    });
    const bloodPressure = { resourceType: 'Observation', id: 'bp', code: { coding: [coded] } };
    const other = { resourceType: 'Observation', id: 'o', code: { coding: [{ ...coded, code: '8310-5' }] } };
    expect(await broken(rule, draft, [bloodPressure])).toBe(true);
    expect(await broken(rule, draft, [other])).toBe(false);
  });
});

describe('a rule book', () => {
  test('leaves out what only the clock triggers', () => {
    const timed = action({ trigger: [{ type: 'named-event', name: 'referral-deadline' }] });
    expect(bookOf(timed).all).toEqual([]);
  });

  test('knows which rules also apply outside of referrals', () => {
    const always = action({ trigger: [{ type: 'data-added', data: [{ type: 'ServiceRequest' }] }] });
    const other = action({
      code: [{ coding: [{ system: `${base}/CodeSystem/referral-rule`, code: 'x-other' }] }],
    });
    expect(bookOf(always, other).all.map((rule) => rule.always)).toEqual([true, false]);
  });

  test.each([
    ['a condition', { condition: [] }],
    ['a condition that can be read', { condition: [{ expression: { expression: 'status = ' } }] }],
    ['an input', { input: [] }],
    ['a code of the rules', { code: [] }],
    ['a severity', { extension: [] }],
    ['filters with codes', { input: [{ type: 'ServiceRequest', codeFilter: [{ path: 'status' }] }] }],
    ['inputs that a context has', { input: [{ type: 'ServiceRequest' }, { type: 'Slot' }] }],
  ])('refuses, with its name, an action without %s', (_, changes) => {
    expect(() => bookOf(action(changes))).toThrow(/action x-active: /);
  });

  test('is empty where there is none', () => {
    expect(readRuleBook(definitionsOf()).all).toEqual([]);
  });
});
