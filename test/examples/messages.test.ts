import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { loadDefinitions } from '../../src/fhir/definitions/definitions.ts';
import { isError } from '../../src/fhir/outcome.ts';
import type { Resource } from '../../src/fhir/resource.ts';
import { createValidator } from '../../src/fhir/validation/validator.ts';

const folder = new URL('../../examples/messages/', import.meta.url);
const validator = createValidator(loadDefinitions(['profiles', 'terminology']));

test.each(readdirSync(folder))('messages/%s is valid by FHIR and by the profiles', (name) => {
  const message = JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Resource;
  expect(validator.validate(message).filter(isError)).toEqual([]);
});
