import { describe, expect, test } from '@jest/globals';
import { compile } from './compile.ts';

const patient = {
  resourceType: 'Patient',
  id: 'wang-xiulan',
  active: false,
  name: [
    { use: 'official', family: '王', given: ['秀兰'] },
    {
      use: 'nickname',
      given: ['兰兰', null],
      _given: [null, { extension: [{ url: 'pinyin', valueCode: 'lanlan' }] }],
    },
  ],
  birthDate: '1958-03-07',
  _birthDate: { extension: [{ url: 'birth-time', valueDateTime: '1958-03-07T04:30:00+08:00' }] },
  deceasedBoolean: false,
  contact: [{ name: { family: '李' } }],
  contained: [{ resourceType: 'Organization', id: 'centre', name: '大榆树镇卫生院' }],
};

const observation = {
  resourceType: 'Observation',
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '85354-9' }] },
  component: [
    { code: { coding: [{ code: '8480-6' }] }, valueQuantity: pressure(186) },
    { code: { coding: [{ code: '8462-4' }] }, valueQuantity: pressure(112) },
  ],
};

function pressure(value: number) {
  return { value, unit: 'mmHg', system: 'http://unitsofmeasure.org', code: 'mm[Hg]' };
}

function of(
  expression: string,
  focus: unknown = patient,
  environment: Record<string, unknown> = {},
): unknown[] {
  return compile(expression)(focus, environment);
}

describe('Paths', () => {
  test.each([
    ['the members of all items', 'name.given', ['秀兰', '兰兰']],
    ['from the type of the root', 'Patient.name.family', ['王']],
    ['from a type that the root derives from', 'DomainResource.contained.name', ['大榆树镇卫生院']],
    ['nothing for another type', 'Observation.status', []],
    ['one item by its position', 'name[1].given[0]', ['兰兰']],
    ['nothing past the end', 'name[7]', []],
    ['a choice by its name, whatever its type', 'deceased', [false]],
    ['a choice in an extension', "birthDate.extension('birth-time').value", ['1958-03-07T04:30:00+08:00']],
    ['the extension of one item of a list', 'name[1].given[1].extension.value', ['lanlan']],
    ['a name that is an operator, quoted or not', 'text.`div` | text.div', []],
    ['nothing that only JavaScript knows', 'constructor | name.toString | name.`__proto__`', []],
    ['a resource within the resource', 'contained.where($this is Organization).id', ['centre']],
    ['the whole tree', 'descendants().ofType(code)', ['official', 'nickname', 'lanlan']],
  ])('give %s', (_, expression, expected) => {
    expect(of(expression)).toEqual(expected);
  });

  test('give the elements themselves, not copies, and leave them as they were', () => {
    const before = structuredClone(patient);
    expect(of('name.first()')[0]).toBe(patient.name[0]);
    expect(patient).toEqual(before);
    expect(Object.getOwnPropertyNames(patient.name[0])).not.toContain('__path__');
  });

  test('find choices in an element whose type is told, and in one of which nothing is known', () => {
    const extension = { url: 'a', valueQuantity: pressure(90) };
    expect(compile("value > 80 'mm[Hg]'", { type: 'Extension' })(extension)).toEqual([true]);
    expect(compile("value > 80 'mm[Hg]'")(extension)).toEqual([true]);
    expect(
      compile('value.ofType(Quantity).value', { type: 'Observation.component' })(observation.component[0]),
    ).toEqual([186]);
  });
});

describe('Three-valued logic (http://hl7.org/fhirpath/N1/#boolean-logic)', () => {
  const values = { true: [true], false: [false], '{}': [] };
  const table: Record<string, string[]> = {
    //          true true  true false  true {}    false true ...
    and: ['true', 'false', '{}', 'false', 'false', 'false', '{}', 'false', '{}'],
    or: ['true', 'true', 'true', 'true', 'false', '{}', 'true', '{}', '{}'],
    xor: ['false', 'true', '{}', 'true', 'false', '{}', '{}', '{}', '{}'],
    implies: ['true', 'false', '{}', 'true', 'true', 'true', 'true', '{}', '{}'],
  };
  const sides = Object.keys(values) as (keyof typeof values)[];
  const cases = Object.entries(table).flatMap(([operator, results]) =>
    results.map((result, at) => ({
      expression: `${sides[Math.floor(at / 3)]} ${operator} ${sides[at % 3]}`,
      result: result as keyof typeof values,
    })),
  );
  test.each(cases)('$expression is $result', ({ expression, result }) => {
    expect(of(expression)).toEqual(values[result]);
  });

  test('a criterion that gives nothing does not select, and an element that is false does not either', () => {
    expect(of("name.where(extension.value = 'x')")).toEqual([]);
    expect(of('Patient.where(active)')).toEqual([]);
  });

  test('an element that is no boolean counts as true', () => {
    expect(of('contact and true')).toEqual([true]);
    expect(() => of('name and true')).toThrow(TypeError);
  });
});

describe('Comparison', () => {
  test.each([
    ["component.where(code.coding.code = '8480-6').value >= 180 'mm[Hg]'", [true]],
    ["component.where(code.coding.code = '8480-6').value >= 24 'kPa'", [true]],
    ["component.where(code.coding.code = '8480-6').value >= 180 'mg'", []],
    ["component.value.exists($this < 90 'mm[Hg]')", [false]],
    ['0.1 + 0.2 = 0.3', [true]],
    ['1 / 0 | 1 mod 0 | 1 div 0', []],
    ["'Ⅱ期高血压' ~ 'Ⅱ期高血压'", [true]],
    ['(1 | 2) = (2 | 1)', [false]],
    ['(1 | 2) ~ (2 | 1)', [true]],
    ["'a' in ('a' | 'b')", [true]],
    ["{} in ('a' | 'b')", []],
  ])('%s', (expression, expected) => {
    expect(of(expression, observation)).toEqual(expected);
  });

  test('quantities without UCUM codes compare when their unit is the same, otherwise the order is unknown', () => {
    const range = { low: { value: 1, unit: '片' }, high: { value: 2, unit: '片' } };
    expect(compile('low <= high', { type: 'Range' })(range)).toEqual([true]);
    expect(compile('low <= high', { type: 'Range' })({ ...range, high: { value: 2, unit: '盒' } })).toEqual(
      [],
    );
  });

  test('a quantity with a comparator has no value to compare', () => {
    const value = { ...pressure(300), comparator: '>' };
    expect(() => compile("$this > 180 'mm[Hg]'", { type: 'Quantity' })(value)).toThrow(TypeError);
  });
});

describe('Dates (http://hl7.org/fhirpath/N1/#datetime-arithmetic)', () => {
  test.each([
    ['birthDate < @1958-03-08', [true]],
    ['birthDate > @1958-03', []],
    ['birthDate = @1958', []],
    ['birthDate != @1957', [true]],
    ['@2026-01-31 + 1 month', ['2026-02-28']],
    ['@2024-02-29 + 1 year', ['2025-02-28']],
    ['@2026-01-01T23:30:00+08:00 + 45 minutes', ['2026-01-02T00:15:00+08:00']],
    ['@2026-01-01T08:00:00+08:00 = @2026-01-01T00:00:00Z', [true]],
    ['@2026-01 + 45 days', ['2026-02']],
    ['@T23:30 + 45 minutes', ['00:15']],
    ['%asOf.toDateTime() - 25 years', ['2001-01-05T11:00:00+08:00']],
  ])('%s', (expression, expected) => {
    expect(of(expression, patient, { asOf: '2026-01-05T11:00:00+08:00' })).toEqual(expected);
  });

  test('a stroke is within its 4.5 hours', () => {
    const onset = { resourceType: 'Condition', onsetDateTime: '2026-01-05T06:00:00+08:00' };
    const within = '%dx.onset.ofType(dateTime).first() + 270 minutes >= authoredOn';
    const referral = { resourceType: 'ServiceRequest', authoredOn: '2026-01-05T02:29:00Z' };
    expect(of(within, referral, { dx: [onset] })).toEqual([true]);
    expect(of(within, { ...referral, authoredOn: '2026-01-05T02:31:00Z' }, { dx: [onset] })).toEqual([false]);
  });
});

describe('Variables', () => {
  test('are what the caller gives, single values or lists', () => {
    expect(of('%limit + 1', patient, { limit: 2 })).toEqual([3]);
    expect(of('%orgs.name', patient, { orgs: patient.contained })).toEqual(['大榆树镇卫生院']);
  });

  test('stand for the resource itself unless the caller says otherwise', () => {
    expect(of('%resource.id | %context.id | %rootResource.id')).toEqual(['wang-xiulan']);
    expect(of('%ucum')).toEqual(['http://unitsofmeasure.org']);
  });

  test('that nobody gave are an error', () => {
    expect(() => of('%nobody')).toThrow(ReferenceError);
    expect(() => of('%toString')).toThrow(ReferenceError);
  });
});

describe('What is not translated', () => {
  test('is left to fhirpath.js, with the same results', () => {
    expect(of('name.aggregate($total + 1, 0)')).toEqual([2]);
    expect(of("5 'mg' + 3 'mg'")).toEqual(["8 'mg'"]);
    expect(of('1.50.toString()')).toEqual(['1.50']);
  });

  test('fails with an Error, also where fhirpath.js throws a string', () => {
    expect(() => of('name.aggregate($total + 1, 0).allTrue()')).toThrow(TypeError);
  });
});

describe('An expression that cannot be parsed', () => {
  test.each(['name..given', 'name.where(', '', "'unclosed", 'name given'])(
    '%j is a SyntaxError',
    (expression) => {
      expect(() => compile(expression)).toThrow(SyntaxError);
    },
  );
});

describe('Expressions of strangers', () => {
  const bounded = (expression: string, focus: unknown = patient) =>
    compile(expression, { steps: 10_000 })(focus);

  test('work like others', () => {
    expect(bounded("name.where(use = 'official').given")).toEqual(['秀兰']);
  });

  test.each([
    ['a long one', `name${'.first()'.repeat(400)}`],
    ['a deep one', `${'('.repeat(100)}1${')'.repeat(100)}`],
    ['one that only fhirpath.js could evaluate', 'name.aggregate($total + 1, 0)'],
  ])('%s is refused before it is evaluated', (_, expression) => {
    expect(() => compile(expression, { steps: 10_000 })).toThrow(SyntaxError);
  });

  test.each([
    ['an endless growth', "'a'.repeat($this & $this)"],
    ['a growth by replacement', `'aaaaaaaaaa'${".replace('a', 'aaaaaaaaaa')".repeat(9)}`],
    ['a product of collections', `descendants()${'.select(%resource.descendants())'.repeat(5)}`],
    ['a regular expression that backtracks', "('a' & name.first().family).matches('^(a+)+$')"],
    ['a long alternation of repetitions', `'${'a'.repeat(900)}'.matches('a*a*a*a*b')`],
  ])('%s ends in a RangeError', (_, expression) => {
    expect(() => bounded(expression)).toThrow(RangeError);
  });

  test('may use regular expressions that are quick', () => {
    expect(bounded("name.family.matches('^[王李]$')")).toEqual([true]);
    expect(bounded("id.replaceMatches('[aeiou]', '')")).toEqual(['wng-xln']);
  });
});
