import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { loadDefinitions } from '../../src/fhir/definitions/definitions.ts';
import { overlay } from '../../src/fhir/definitions/overlay.ts';
import { isError } from '../../src/fhir/outcome.ts';
import type { Resource } from '../../src/fhir/resource.ts';
import { createValidator } from '../../src/fhir/validation/validator.ts';
import { differences } from './differences.ts';

/** Profiles with one feature of profiling each, and instances with the verdict of the reference validator. */
const cases = new URL('../../../shared/conformance/profiles/cases.json', import.meta.url);

interface Case {
  feature: string;
  valid: boolean;
  profile?: string | null;
  resource: Resource;
}

if (existsSync(cases)) {
  describe('features of profiles, with the verdicts of the reference validator', () => {
    const read = JSON.parse(readFileSync(cases, 'utf8')) as { definitions: Resource[]; cases: Case[] };
    const shipped = loadDefinitions();
    const validator = createValidator(overlay(shipped, read.definitions), {}, shipped);
    const count = new Map<string, number>();
    const named = read.cases.map((one) => {
      const number = (count.get(one.feature) ?? 0) + 1;
      count.set(one.feature, number);
      return [`${one.feature} ${number}`, one] as const;
    });
    test.each(named)('%s', (name, { valid, profile, resource }) => {
      const errors = validator.validate(resource, profile ? [profile] : []).filter(isError);
      const expected = name in differences ? !valid : valid;
      expect(errors.length === 0).toBe(expected);
    });
  });
} else {
  test.skip('the cases are not there: ../shared/conformance/profiles', () => {});
}
