import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { loadDefinitions } from '../../src/fhir/definitions/definitions.ts';
import { isError } from '../../src/fhir/outcome.ts';
import type { Resource } from '../../src/fhir/resource.ts';
import { createValidator } from '../../src/fhir/validation/validator.ts';
import { validateByOracle } from '../environment/oracle.ts';
import { differences, kindsThatDiffer } from './differences.ts';
import { mutantsOf } from './mutations/mutate.ts';
import { officialExamples, ownExamples } from './mutations/sources.ts';

const project = new URL('../../', import.meta.url);
const folders = ['profiles', 'terminology'].map((name) => fileURLToPath(new URL(name, project)));
const validator = createValidator(loadDefinitions(folders));
const isValid = (resource: Resource) => !validator.validate(resource).some(isError);

/** Resources of our examples with one thing changed by hand, and the verdict of the reference validator. */
const byHand = new URL('../../../shared/conformance/validator/mutations.json', import.meta.url);

if (existsSync(byHand)) {
  describe('what was changed by hand has the verdict of the reference validator', () => {
    const read = JSON.parse(readFileSync(byHand, 'utf8')) as {
      name: string;
      valid: boolean;
      resource: Resource;
    }[];
    test.each(read.map((one) => [one.name, one] as const))('%s', (name, { valid, resource }) => {
      expect(isValid(resource)).toBe(name in differences ? !valid : valid);
    });
  });
} else test.skip('the mutations are not there: ../shared/conformance/validator', () => {});

/** The reference validator, where the global setup could start it. */
const oracle = process.env.ORACLE_URL;

if (oracle) {
  describe.each([
    ['our examples', ownExamples()],
    ['the examples of R4', officialExamples()],
  ])('mutants of %s', (_, sources) => {
    // The reference validator knows only R4 here: so both do.
    const r4 = createValidator(loadDefinitions());
    const isValid = (resource: Resource) => !r4.validate(resource).some(isError);
    const bases = new Map([...sources].map(([name, resource]) => [name, withoutProfiles(resource)] as const));

    test('99 of 100 have the verdict of the reference validator, the others for reasons that are named', async () => {
      const agreed = new Map<string, Resource>();
      for (const [name, resource] of bases)
        if (isValid(resource) && (await validateByOracle(oracle, resource))) agreed.set(name, resource);
      const mutants = mutantsOf(agreed, 500, 20_261_130);
      const differing: string[] = [];
      const unnamed: string[] = [];
      for (const { name, kind, resource } of mutants) {
        const ours = isValid(resource);
        if (ours === (await validateByOracle(oracle, resource))) continue;
        differing.push(`${name}: ${ours}`);
        if (!(kind in kindsThatDiffer)) unnamed.push(`${kind}, ${name}: ${ours}`);
      }
      expect(unnamed).toEqual([]);
      expect(differing.length).toBeLessThanOrEqual(mutants.length / 100);
    }, 600_000);
  });
} else test.skip("the comparison with HL7's validator needs ../shared/oracle and Java", () => {});

/** A copy without what the reference validator could not check. */
function withoutProfiles(resource: Resource): Resource {
  return JSON.parse(
    JSON.stringify(resource, (name, value) =>
      name === 'meta' && typeof value === 'object' && value !== null ? without(value, 'profile') : value,
    ),
  ) as Resource;
}

function without(meta: Record<string, unknown>, name: string): object | undefined {
  const { [name]: _, ...rest } = meta;
  return Object.keys(rest).length > 0 ? rest : undefined;
}
