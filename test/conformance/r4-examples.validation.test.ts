import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { loadDefinitions } from '../../src/fhir/definitions/definitions.ts';
import { isError } from '../../src/fhir/outcome.ts';
import { createValidator } from '../../src/fhir/validation/validator.ts';
import { unitsNotOfUcum } from './units-not-of-ucum.ts';

/** The instance examples of the R4 specification (hl7.fhir.r4.examples). */
const folder = new URL('../../../shared/conformance/r4-examples/', import.meta.url);

/** The examples that break R4's own rules, with the only error that they have. */
const broken: Readonly<Record<string, RegExp>> = {
  'Questionnaire-qs1.json': /^"linkId" is required$/,
  'ActivityDefinition-blood-tubes-supply.json': /txt-2/,
  'ActivityDefinition-heart-valve-replacement.json': /txt-2/,
  'Questionnaire-zika-virus-exposure-assessment.json': /txt-2/,
  ...Object.fromEntries(unitsNotOfUcum.map((file) => [file, /is no UCUM unit/])),
};

if (existsSync(folder)) {
  describe('examples of the specification', () => {
    const validator = createValidator(loadDefinitions());
    test.each(readdirSync(folder).filter((file) => file.endsWith('.json')))('%s', (file) => {
      const errors = validator
        .validate(JSON.parse(readFileSync(new URL(file, folder), 'utf8')))
        .filter(isError);
      const allowed = broken[file];
      if (allowed) expect(errors.length).toBeGreaterThan(0);
      expect(errors.filter(({ text }) => !allowed?.test(text.en))).toEqual([]);
    });
  });
} else {
  test.skip('the R4 examples are not there: ../shared/conformance/r4-examples', () => {});
}
