import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { loadDefinitions } from '../definitions/definitions.ts';
import { Refusal } from '../refusal.ts';
import { escapeText } from './escape.ts';
import { loadXml } from './xml.ts';

const xml = await loadXml(loadDefinitions());

/** What a FHIR string can hold: XML has no word for other control characters, nor for half a character. */
const text = fc
  .string({ unit: 'binary', minLength: 1 })
  .filter((value) => /^[\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u.test(value));

const number = fc
  .tuple(
    fc.constantFrom('', '-'),
    fc.nat(),
    fc.stringMatching(/^(\.\d{1,20})?$/),
    fc.constantFrom('', 'e3', 'E-7'),
  )
  .map((parts) => parts.join(''));

/** JSON, written by hand: numbers in it keep the digits that they are written with. */
type Json = string;
const object = (members: readonly (readonly [string, Json | undefined])[]): Json =>
  `{${members
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `"${name}":${value}`)
    .join(',')}}`;
const list = (items: readonly Json[]): Json => `[${items.join(',')}]`;
const quoted = text.map((value): Json => JSON.stringify(value));

const { extension } = fc.letrec<{ extension: Json }>((tie) => ({
  extension: fc.oneof(
    { maxDepth: 4 },
    fc
      .tuple(
        quoted,
        fc.oneof(
          quoted.map((value) => ['valueString', value] as const),
          number.map((value) => ['valueDecimal', value] as const),
          fc.boolean().map((value) => ['valueBoolean', String(value)] as const),
          fc.tuple(number, quoted).map(
            ([value, unit]) =>
              [
                'valueQuantity',
                object([
                  ['value', value],
                  ['unit', unit],
                ]),
              ] as const,
          ),
        ),
      )
      .map(([url, value]) => object([['url', url], value])),
    fc.tuple(quoted, fc.array(tie('extension'), { minLength: 1, maxLength: 3 })).map(([url, extensions]) =>
      object([
        ['extension', list(extensions)],
        ['url', url],
      ]),
    ),
  ),
}));

const beside = fc
  .tuple(fc.option(quoted, { nil: undefined }), fc.array(extension, { minLength: 1, maxLength: 2 }))
  .map(([id, extensions]) =>
    object([
      ['id', id],
      ['extension', list(extensions)],
    ]),
  );

/** Values that repeat, with what stands beside them: of each one at least. */
const given = fc
  .array(
    fc.oneof(
      quoted.map((value) => [value, 'null'] as const),
      beside.map((sibling) => ['null', sibling] as const),
      fc.tuple(quoted, beside),
    ),
    { minLength: 1, maxLength: 4 },
  )
  .map((pairs): [string, Json | undefined][] => {
    const listOf = (items: Json[]) => (items.every((item) => item === 'null') ? undefined : list(items));
    return [
      ['given', listOf(pairs.map(([value]) => value))],
      ['_given', listOf(pairs.map(([, sibling]) => sibling))],
    ];
  });

const patient = fc
  .record({
    extension: fc.array(extension, { maxLength: 3 }),
    given: fc.array(given, { maxLength: 3 }),
    birthDate: fc.option(beside, { nil: undefined }),
    paragraph: fc.option(text, { nil: undefined }),
  })
  .map(({ extension, given, birthDate, paragraph }) =>
    object([
      ['resourceType', '"Patient"'],
      ['name', given.length > 0 ? list(given.map(object)) : undefined],
      ['_birthDate', birthDate],
      ['birthDate', '"1962-03"'],
      ['extension', extension.length > 0 ? list(extension) : undefined],
      ['text', paragraph === undefined ? undefined : narrative(paragraph)],
    ]),
  );

function narrative(paragraph: string): Json {
  const div = `<div xmlns="http://www.w3.org/1999/xhtml"><p>${escapeText(paragraph)}</p></div>`;
  return object([
    ['status', '"generated"'],
    ['div', JSON.stringify(div)],
  ]);
}

const withDigits = (json: string): unknown =>
  JSON.parse(json, (_, value, context?: { source: string }) =>
    typeof value === 'number' ? { digits: context!.source } : value,
  );

test('whatever a resource says comes back from XML as it was, indented or not, also inside of others', () => {
  fc.assert(
    fc.property(patient, fc.boolean(), (json, pretty) => {
      const bundle = `{"resourceType":"Bundle","type":"collection","entry":[{"resource":${json}}]}`;
      for (const each of [json, bundle])
        expect(withDigits(xml.read(Buffer.from(xml.write(each, pretty)), 100))).toEqual(withDigits(each));
    }),
  );
});

test('what has lost or gained a piece is read or refused, and never anything else', () => {
  fc.assert(
    fc.property(
      patient,
      fc.nat(),
      fc.nat(20),
      fc.constantFrom('', '<', '>', '"', '&', ']]>', '<!--', '<![CDATA[', '<?', '</', '<!DOCTYPE', '\0'),
      (json, place, length, piece) => {
        const whole = xml.write(json);
        const at = place % whole.length;
        try {
          JSON.parse(xml.read(Buffer.from(whole.slice(0, at) + piece + whole.slice(at + length)), 100));
        } catch (error) {
          expect(error).toBeInstanceOf(Refusal);
        }
      },
    ),
    { numRuns: 500 },
  );
});
