import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { loadDefinitions } from '../../src/fhir/definitions/definitions.ts';
import { type Evaluation, evaluation, valuesOf } from '../../src/fhir/fhirpath/evaluation.ts';
import { type Interpreter, interpreter } from '../../src/fhir/fhirpath/fallback.ts';
import { childrenOf } from '../../src/fhir/fhirpath/navigate.ts';
import { type Item, type Node, nodeOf } from '../../src/fhir/fhirpath/node.ts';
import type { Environment } from '../../src/fhir/fhirpath/scope.ts';
import { unknownType } from '../../src/fhir/fhirpath/types.ts';
import { Unsupported } from '../../src/fhir/fhirpath/unsupported.ts';
import { isResource, type Resource } from '../../src/fhir/resource.ts';

const definitions = loadDefinitions();
const invariants = invariantsByPath();
const searchExpressions = searchExpressionsByType();

/** Where fhirpath.js gives no answer or a wrong one, and why. Wherever else the two engines differ, ours is at fault. */
const faultsOfTheOther: { reason: string; applies: (expression: string, theirs: Answer) => boolean }[] = [
  {
    reason: 'it refuses `as` on several items, which R4 uses to filter',
    applies: (_, theirs) => failedWith(theirs, "Expected singleton on left side of 'as'"),
  },
  {
    reason: 'R4 leaves brackets in patterns unescaped, which it takes for an error',
    applies: (_, theirs) => failedWith(theirs, 'Invalid regular expression'),
  },
  {
    reason: 'it compares quantities without UCUM code as the text "[object Object]"',
    applies: (expression) => expression.includes('low <= high'),
  },
];

function failedWith(theirs: Answer, message: string): boolean {
  return 'error' in theirs && theirs.error.startsWith(message);
}

/** Evaluates an expression with both engines, each compiled once. */
class BothEngines {
  readonly #ours: Evaluation;
  readonly #theirs: Interpreter;

  constructor(expression: string, type: string | undefined) {
    this.#ours = evaluation(expression, { type });
    this.#theirs = interpreter(expression, type);
  }

  evaluate(focus: unknown, environment: Environment): { ours: Answer; theirs: Answer } {
    return {
      ours: answer(() => valuesOf(this.#ours(focus, environment))),
      theirs: answer(() => this.#theirs(focus, environment)),
    };
  }
}

type Answer = { values: unknown[] } | { error: string };

function answer(evaluate: () => unknown[]): Answer {
  try {
    return { values: evaluate() };
  } catch (error) {
    return { error: (error as Error).message };
  }
}

function agree(ours: Answer, theirs: Answer): boolean {
  // What it can only look up asynchronously it does not answer at all.
  if ('error' in theirs && /asynchronous function/.test(theirs.error)) return true;
  if ('error' in ours || 'error' in theirs) return 'error' in ours && 'error' in theirs;
  return JSON.stringify(ours.values) === JSON.stringify(theirs.values);
}

describe('The fast engine', () => {
  const share = (expressions: readonly string[]) => ({
    all: expressions.length,
    slow: expressions.filter((expression) => !isTranslated(expression)),
  });

  test('knows all constructs of the invariants of R4, but for those that need the network or HTML', () => {
    const { slow } = share([...new Set([...invariants.values()].flatMap((set) => [...set]))]);
    expect(slow.every((expression) => /htmlChecks|resolve\(\)|\$this is Citation/.test(expression))).toBe(
      true,
    );
  });

  test('knows all constructs of the search parameters of R4', () => {
    expect(share([...searchExpressions.values()].flat()).slow).toEqual([]);
  });
});

function isTranslated(expression: string): boolean {
  try {
    evaluation(expression, {});
    return true;
  } catch (error) {
    if (error instanceof Unsupported) return false;
    throw error;
  }
}

const examples = new URL('../../../shared/conformance/r4-examples/', import.meta.url);
const rulesFile = new URL('../../../shared/domain/rules.json', import.meta.url);

if (!existsSync(examples)) {
  test.skip('the comparison with fhirpath.js needs ../shared/conformance/r4-examples, which is not here', () => {});
} else {
  describe('On the examples of R4, the fast engine answers as fhirpath.js does', () => {
    const byType = Map.groupBy(readdirSync(examples).sort(), (file) => file.split('-', 1)[0]!);
    const cases = [...byType].map(([type, files]) => ({ type, files: files.slice(0, 4) }));

    test.each(cases)('$type', ({ type, files }) => {
      const differences = files.flatMap((file) => {
        const resource = JSON.parse(readFileSync(new URL(file, examples), 'utf8')) as Resource;
        return [...compareInvariants(resource), ...compareSearch(resource, type)];
      });
      expect(differences).toEqual([]);
    });
  });
}

if (!existsSync(rulesFile)) {
  test.skip('the comparison of the rules needs ../shared/domain/rules.json, which is not here', () => {});
} else {
  test('The fast engine knows all constructs of the referral rules', () => {
    const rules = JSON.parse(readFileSync(rulesFile, 'utf8')) as { key: string; expression: string }[];
    expect(rules.filter(({ expression }) => !isTranslated(expression)).map(({ key }) => key)).toEqual([]);
  });
}

const engines = new Map<string, BothEngines | undefined>();
const timesCompared = new Map<string, number>();
const mostTimes = 30;

function difference(
  expression: string,
  type: string | undefined,
  focus: unknown,
  environment: Environment,
): string[] {
  const key = `${type ?? ''} ${expression}`;
  const times = timesCompared.get(key) ?? 0;
  if (times >= mostTimes) return [];
  timesCompared.set(key, times + 1);
  if (!engines.has(key))
    engines.set(key, isTranslated(expression) ? new BothEngines(expression, type) : undefined);
  const both = engines.get(key)?.evaluate(focus, environment);
  if (!both || agree(both.ours, both.theirs)) return [];
  if (faultsOfTheOther.some(({ applies }) => applies(expression, both.theirs))) return [];
  return [`${key}: ${JSON.stringify(both)}`];
}

function compareSearch(resource: Resource, type: string): string[] {
  return ['Resource', 'DomainResource', type].flatMap((base) =>
    (searchExpressions.get(base) ?? []).flatMap((expression) =>
      difference(expression, undefined, resource, {}),
    ),
  );
}

function compareInvariants(rootResource: Resource): string[] {
  const differences: string[] = [];
  const visit = (node: Node, path: string, around: Resource) => {
    const resource = isResource(node.value) ? node.value : around;
    const type = isResource(node.value) ? undefined : node.type.path;
    if (typeof node.value === 'object' && type !== '')
      for (const expression of new Set([
        ...(invariants.get(node.type.path) ?? []),
        ...(invariants.get(path) ?? []),
      ]))
        differences.push(...difference(expression, type, node.value, { resource, rootResource }));
    const children: Item[] = [];
    childrenOf(node, children);
    for (const child of children as Node[]) visit(child, `${node.type.path}.${child.key}`, resource);
  };
  visit(nodeOf(rootResource, unknownType), rootResource.resourceType, rootResource);
  return differences;
}

/** The expressions of the constraints of R4's types, by the path of the element that has them. */
function invariantsByPath(): Map<string, Set<string>> {
  const result = new Map<string, Set<string>>();
  for (const { derivation, snapshot } of definitions.all('StructureDefinition') as unknown as Structure[]) {
    if (derivation !== 'specialization') continue;
    for (const { path, constraint = [] } of snapshot.element) {
      for (const { expression } of constraint) {
        if (!result.has(path)) result.set(path, new Set());
        if (expression) result.get(path)!.add(expression);
      }
    }
  }
  return result;
}

interface Structure {
  derivation?: string;
  snapshot: { element: { path: string; constraint?: { expression?: string }[] }[] };
}

/** The expressions of the search parameters by type, without the test of what a reference resolves to. */
function searchExpressionsByType(): Map<string, string[]> {
  const result = new Map<string, string[]>();
  for (const { base, expression } of definitions.all('SearchParameter') as unknown as SearchParameter[]) {
    if (!expression) continue;
    const path = expression.replace(/\.?where\(resolve\(\) is \w+\)/g, '');
    for (const type of base) result.set(type, [...(result.get(type) ?? []), path]);
  }
  return result;
}

interface SearchParameter {
  base: string[];
  expression?: string;
}
