import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { compile } from './compile.ts';
import { interpreter } from './fallback.ts';

const observation = {
  resourceType: 'Observation',
  id: 'pressure',
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '85354-9' }], text: '血压' },
  subject: { reference: 'Patient/1', display: '王秀兰' },
  effectiveDateTime: '2026-01-05T10:00:00+08:00',
  valueQuantity: { value: 5, system: 'http://unitsofmeasure.org', code: 'mg', unit: 'mg' },
  component: [
    { code: { coding: [{ code: '8480-6' }] }, valueInteger: 186 },
    { code: { coding: [{ code: '8462-4' }] }, valueString: 'high' },
  ],
  extension: [
    { url: 'a', valueBoolean: true },
    { url: 'b', valueDate: '2026-01' },
  ],
  _status: { extension: [{ url: 'note', valueString: 'checked' }] },
};

type Kind = 'number' | 'text' | 'texts' | 'time' | 'quantity' | 'truth' | 'elements';

/** Random small expressions over the observation, put together by type so that most of them make sense. */
const expressions = fc.letrec<Record<Kind, string>>((tie) => {
  const either = (...of: string[]) => fc.constantFrom(...of);
  const one = (...of: fc.Arbitrary<string>[]) =>
    fc.oneof({ depthSize: 'small', withCrossShrink: true }, ...of);
  const infix = (left: Kind, operators: readonly string[], right: Kind) =>
    fc
      .tuple(tie(left), fc.constantFrom(...operators), tie(right))
      .map(([a, operator, b]) => `(${a} ${operator} ${b})`);
  const call = (of: Kind, ...calls: string[]) =>
    fc.tuple(tie(of), either(...calls)).map((parts) => parts.join('.'));
  const callWith = (of: Kind, names: readonly string[], argument: Kind) =>
    fc
      .tuple(tie(of), fc.constantFrom(...names), tie(argument))
      .map(([path, name, value]) => `${path}.${name}(${value})`);
  const order = ['=', '!=', '<', '>', '<=', '>='];
  return {
    number: one(
      either('1', '2.5', '186', '-3', 'value.value', 'component.value.ofType(integer)', 'nothing.count()'),
      call('text', 'length()', "indexOf('i')", 'toInteger()'),
      call('texts', 'count()'),
      call('elements', 'count()', 'children().count()', 'descendants().count()'),
      infix('number', ['+', '-', '*', '/', 'div', 'mod'], 'number'),
    ),
    text: one(
      either("'final'", "'high'", "'186'", 'status', 'code.text', 'id', 'status.extension.value', '{}'),
      call(
        'text',
        'upper()',
        'lower()',
        'substring(1)',
        'substring(0, 2)',
        "replace('i', 'x')",
        'first()',
        'single()',
      ),
      call('texts', 'first()', 'last()', "join(',')"),
      call('number', 'toString()'),
      infix('text', ['&', '+'], 'text'),
    ),
    texts: one(
      either('code.coding.code', 'extension.url', 'component.code.coding.code', '%list', "('a' | 'final')"),
      call('texts', 'tail()', 'skip(1)', 'take(1)', 'distinct()', 'select(upper())', 'where(length() > 4)'),
      call('texts', "where($this = 'final')", "select($this & '!')", 'repeat(substring(1))', 'ofType(code)'),
      callWith('texts', ['union', 'combine', 'intersect', 'exclude'], 'texts'),
      infix('texts', ['|'], 'text'),
    ),
    time: one(
      either('effective', '@2026-01', '@2026-01-05', '@2026-01-05T02:00:00Z', 'today()'),
      call('time', 'ofType(dateTime)', 'first()'),
      fc
        .tuple(tie('time'), either('3 days', '1 month', "90 'min'", '2 years'))
        .map(([time, by]) => `(${time} + ${by})`),
    ),
    quantity: one(either("5 'mg'", "0.005 'g'", "4 'cm'", 'value', 'value.ofType(Quantity)', '{}')),
    truth: one(
      either('true', 'false', '{}', 'effective is dateTime', 'value is Quantity', '$this is Observation'),
      infix('number', order, 'number'),
      infix('text', [...order, '~', '!~'], 'text'),
      infix('time', order, 'time'),
      infix('quantity', order, 'quantity'),
      infix('truth', ['and', 'or', 'xor', 'implies', '='], 'truth'),
      infix('text', ['in'], 'texts'),
      infix('texts', ['contains'], 'text'),
      infix('texts', ['=', '!='], 'texts'),
      call('truth', 'not()', 'exists()', 'allTrue()'),
      call('text', 'hasValue()', "startsWith('f')", "endsWith('l')", "contains('in')", "matches('[0-9]+')"),
      call('texts', 'exists()', 'empty()', 'isDistinct()', 'all(length() > 1)', "exists($this = 'final')"),
      // Without duplicates: fhirpath.js takes the number of items into account.
      callWith('texts', ['distinct().subsetOf'], 'texts'),
      call('elements', 'exists()', 'empty()', 'isDistinct()', 'all(value.exists())', 'exists(code.exists())'),
    ),
    elements: one(
      either(
        'component',
        'code.coding',
        'extension',
        'Observation',
        'Patient.name',
        'subject',
        '%resource.component',
      ),
      call('elements', 'first()', 'last()', 'tail()', 'distinct()', 'where(value.exists())'),
      call(
        'elements',
        "where(url = 'a' or code.coding.code = '8480-6')",
        'select(code)',
        'repeat(code)',
        'where($index = 1)',
      ),
      infix('elements', ['|'], 'elements'),
      fc.tuple(tie('elements'), fc.nat(2)).map(([path, index]) => `${path}[${index}]`),
      fc.tuple(tie('truth'), tie('elements'), tie('elements')).map((parts) => `iif(${parts.join(', ')})`),
    ),
  };
});

const environment = { resource: observation, list: ['high', 'final', 'final'] };

test.each(Object.entries(expressions))(
  'Any expression of kind %s gives what fhirpath.js gives, if it gives anything',
  (_, expression) => {
    fc.assert(
      fc.property(expression, (text) => {
        const theirs = attempt(() => interpreter(text, undefined)(observation, environment));
        if (theirs) expect(attempt(() => compile(text)(observation, environment))).toEqual(theirs);
      }),
      { numRuns: 300 },
    );
  },
);

test('Any expression of a stranger ends, with an answer or an Error', () => {
  fc.assert(
    fc.property(fc.oneof(...Object.values(expressions)), (text) => {
      try {
        compile(text, { steps: 2000 })(observation, environment);
      } catch (error) {
        expect(error).toBeInstanceOf(Error);
      }
    }),
    { numRuns: 300 },
  );
});

function attempt(evaluate: () => unknown[]): unknown[] | undefined {
  try {
    return evaluate().map((value) => (typeof value === 'string' ? sameInstant(value) : value));
  } catch {
    return undefined;
  }
}

/** After arithmetic, fhirpath.js writes times in the server's zone, we in that of the value. */
function sameInstant(text: string): string {
  return /^\d{4}-\d\d-\d\dT/.test(text) ? String(Date.parse(text)) : text;
}
