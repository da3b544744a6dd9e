import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { loadDefinitions } from '../../src/fhir/definitions/definitions.ts';
import { compile, type Expression } from '../../src/fhir/fhirpath/compile.ts';
import type { Resource } from '../../src/fhir/resource.ts';
import { askOracle, comparable } from '../environment/oracle.ts';

/**
 * HL7's own FHIRPath engine as a second opinion, where the global setup could start it.
 */
const oracle = process.env.ORACLE_URL;
const examples = new URL('../../../shared/conformance/r4-examples/', import.meta.url);

if (!oracle || !existsSync(examples)) {
  test.skip("the comparison with HL7's engine needs ../shared/oracle, Java and ../shared/conformance/r4-examples", () => {});
} else {
  test("The search parameters of R4 give on its examples what HL7's engine gives", async () => {
    const parameters = loadDefinitions().all('SearchParameter') as unknown as {
      base: string[];
      expression?: string;
    }[];
    const compiled = new Map<string, Expression>();
    const differences: string[] = [];
    for (const file of readdirSync(examples)) {
      const resource = JSON.parse(readFileSync(new URL(file, examples), 'utf8')) as Resource;
      for (const { base, expression } of parameters) {
        if (!expression || !base.includes(resource.resourceType)) continue;
        const path = expression.replace(/\.?where\(resolve\(\) is \w+\)/g, '');
        if (!compiled.has(path)) compiled.set(path, compile(path));
        const ours = JSON.stringify(compiled.get(path)!(resource).map(comparable));
        const theirs = JSON.stringify((await valuesOf(path, resource)).map(comparable));
        if (ours !== theirs) differences.push(`${file} ${path}: ${ours} instead of ${theirs}`);
      }
    }
    expect(differences).toEqual([]);
  }, 600_000);
}

async function valuesOf(expression: string, resource: Resource): Promise<unknown[]> {
  const { result, error } = await askOracle(oracle!, expression, resource);
  return result ?? [error];
}
