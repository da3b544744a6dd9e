import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { compile } from '../../src/fhir/fhirpath/compile.ts';
import type { Resource } from '../../src/fhir/resource.ts';
import type { Parameter } from '../../src/fhir/search/parameter.ts';
import { operands } from '../../src/fhir/search/path-syntax.ts';
import { askOracle, comparable } from '../environment/oracle.ts';
import { searchServer } from '../environment/search.ts';

/**
 * Search parameters read resources by paths of their own, which know the type of what they find. What they find is
 * what FHIRPath engines find for the parameter's expression: our own, and HL7's, where the global setup could
 * start it.
 */
const oracle = process.env.ORACLE_URL;
const folder = new URL('../../../shared/conformance/r4-examples/', import.meta.url);
const { parameters, definitions } = searchServer;

if (!existsSync(folder)) {
  test.skip('the R4 examples are not there: ../shared/conformance/r4-examples', () => {});
} else {
  const examples = readdirSync(folder).map(
    (file) => [file, JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as Resource] as const,
  );

  describe('what parameters find in the R4 examples', () => {
    test('is what our FHIRPath engine finds', () => {
      const differences: string[] = [];
      for (const [file, resource] of examples)
        for (const [parameter, expression] of searched(resource)) {
          const ours = valuesOf(parameter, resource).map(({ value }) => value);
          const engine = compile(expression)(resource);
          if (!isSame(ours, engine)) differences.push(`${file} ${expression}`);
        }
      expect(differences).toEqual([]);
    });

    (oracle ? test : test.skip)(
      "is what HL7's engine finds, with the same types (needs ../shared/oracle and Java)",
      async () => {
        const differences: string[] = [];
        for (const [file, resource] of examples)
          for (const [parameter, expression] of searched(resource)) {
            const ours = valuesOf(parameter, resource);
            const { result = [], types = [] } = await askOracle(oracle!, expression, resource);
            if (
              !isSame(
                ours.map(({ value }) => value),
                result,
              )
            ) {
              differences.push(`${file} ${expression}`);
            } else if (
              !isSame(
                ours.map(({ type }) => plainType(type)),
                types.map(plainType),
              )
            ) {
              differences.push(`${file} ${expression}: ${ours.map(({ type }) => type)}, not ${types}`);
            }
          }
        expect(differences).toEqual([]);
      },
      600_000,
    );
  });
}

/** The parameters of a resource's type with their expressions, as far as these are for it. */
function* searched({ resourceType }: Resource): Generator<[Parameter, string]> {
  for (const parameter of parameters.of(resourceType).values()) {
    const { expression } = definitions.find('SearchParameter', parameter.url) as {
      expression?: string;
    } & Resource;
    const own = operands(expression ?? '')
      .filter((operand) => new RegExp(`^\\(*(${resourceType}|Resource|DomainResource)\\b`).test(operand))
      // Neither engine follows references here: which of them count is told by where they lead.
      .map((operand) =>
        operand
          .replace(/\.where\(resolve\(\) is \w+\)/, '')
          .replace(/^(\(*)(Domain)?Resource\b/, `$1${resourceType}`),
      );
    if (own.length > 0) yield [parameter, own.join(' | ')];
  }
}

function valuesOf({ paths }: Parameter, resource: Resource): { value: unknown; type: string }[] {
  const values: { value: unknown; type: string }[] = [];
  for (const path of paths) path.read(resource, resource, (value) => values.push(value));
  return values;
}

/** The same values as sets: unions leave duplicates out, and lists of choices are ordered by their forms. */
function isSame(ours: readonly unknown[], theirs: readonly unknown[]): boolean {
  const asSet = (values: readonly unknown[]) =>
    [...new Set(values.map((value) => JSON.stringify(comparable(value))))].sort();
  return JSON.stringify(asSet(ours)) === JSON.stringify(asSet(theirs));
}

/**
 * Types as both engines tell them: elements that are defined in place have no name of their own, a resource within
 * another is for us any resource, and an id has in its definition the type of FHIRPath's strings.
 */
function plainType(type: string): string {
  if (type.includes('.')) return 'Element';
  if (type === 'id') return 'string';
  return definitions.resourceTypes.includes(type) ? 'Resource' : type;
}
