import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isError } from '../../fhir/outcome.ts';
import { createValidator } from '../../fhir/validation/validator.ts';
import { readDefinitions } from '../../project.ts';
import { unseenDirectory } from './directory/unseen-directory.ts';
import { Mappings } from './mappings.ts';
import { referralOf } from './referral-of.ts';

const definitions = readDefinitions();
const validator = createValidator(definitions);
const reader = new Mappings(definitions).compiled([], 'referral', 'http://localhost/fhir');

/** A row that is right. */
const right: Readonly<Record<string, unknown>> = {
  'referral-number': 'P-1',
  direction: '上转',
  indication: 'up-complex',
  'sender-code': '12629901MB000903XQ',
  'doctor-name': '陈立新',
  'receiver-name': '永安县人民医院',
  authored: '2026-11-16 9:40',
  'patient-name': '王秀兰',
  sex: '女',
  diagnosis: '高血压',
};

/** What stands in cells, and what should not. */
const cell = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom(
    '=1+1',
    '<b>',
    "';--",
    '162/98;;',
    'I10.x00',
    'A00|B00;C',
    '是',
    '2026/1/5',
    '\0',
    '\ud800',
    '1e9',
    '-0',
  ),
  fc.double(),
  fc.boolean(),
  fc.array(fc.oneof(fc.string(), fc.integer(), fc.constant(null)), { maxLength: 3 }),
  fc.dictionary(fc.string(), fc.integer(), { maxKeys: 2 }),
);

const fields = reader.mapping.fields
  .filter(({ forms }) => forms.includes('referral'))
  .map(({ code }) => code);

describe('a row of whatever', () => {
  test('becomes a Bundle that is valid by the base specification, or is told what is wrong with it', async () => {
    let become = 0;
    await fc.assert(
      fc.asyncProperty(fc.dictionary(fc.constantFrom(...fields), cell, { maxKeys: 4 }), async (changes) => {
        const cells = new Map(Object.entries({ ...right, ...changes }));
        const made = await referralOf({ number: 1, cells }, reader, unseenDirectory, undefined);
        if ('problems' in made) {
          expect(made.problems.length).toBeGreaterThan(0);
          for (const { text } of made.problems) expect([text.zh, text.en]).not.toContain('');
          return;
        }
        become++;
        expect(validator.validateBase(made.referral.bundle).filter(isError)).toEqual([]);
      }),
      { numRuns: 500 },
    );
    expect(become).toBeGreaterThan(20);
  });
});
