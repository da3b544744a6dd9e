import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Refusal } from '../refusal.ts';
import { decodeText, parseJson } from './parse.ts';
import { serialise } from './serialise.ts';

describe('decimals keep their digits', () => {
  test.each(['1.50', '0.010', '1e3', '1E-22', '-0', '100', '3.14', '12345678901234567.890', '1.0', '0.0'])(
    '%s',
    (number) => {
      const text = `{"valueQuantity":{"value":${number}},"other":[1,2.5,{"a":"1.50"}]}`;
      expect(serialise(parseJson(text, 10) as object)).toBe(text);
    },
  );

  test('also in a copy that shares the parts that did not change', () => {
    const observation = parseJson('{"component":[{"value":1.50}]}', 10) as { component: unknown[] };
    expect(serialise({ id: 'a', ...observation })).toBe('{"id":"a","component":[{"value":1.50}]}');
  });

  test('but not those of a value that was replaced', () => {
    const quantity = parseJson('{"value":1.50}', 10) as { value: number };
    expect(serialise({ ...quantity, value: 2.5 })).toBe('{"value":2.5}');
  });

  test('whatever JSON is written comes back the same', () => {
    const taken = Object.getOwnPropertyNames(Object.prototype);
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify({ value });
        fc.pre(!taken.some((name) => text.includes(`"${name}":`)));
        expect(serialise(parseJson(text, 1000) as object)).toBe(text);
      }),
    );
  });
});

describe('hostile bodies are refused', () => {
  const refusalOf = (text: string) => {
    try {
      parseJson(text, 5);
    } catch (error) {
      return (error as Refusal).message;
    }
    return undefined;
  };

  test.each([
    ['no JSON', '{"a":', 'line 1, column 6: it ends too soon; is a } or ] missing?'],
    ['a word that is none', '{"a":tru}', 'line 1, column 6: something is no JSON value'],
    ['a word in capitals', '{"a": 1,\n "b": True}', 'line 2, column 7: something is no JSON value'],
    ['a text without quotes', '{"a":[1, 男]}', 'line 1, column 10: something is no JSON value'],
    ['a name without quotes', '{a: 1}', 'line 1, column 2: the name of a member needs double quotes'],
    ['a comment', '{"a": 1 // one\n}', 'line 1, column 9: JSON has no comments'],
    ['a text over two lines', '{"a": "1\n2"}', 'line 1, column 9: a text cannot go over a line'],
    ['a comma too many', '{\n  "a": 1,\n}', 'line 3, column 1: there is a comma before the }'],
    ['a comma too few', '{"a": 1\n "b": 2}', 'line 2, column 2: is a comma missing?'],
    ['single quotes', "{'a': 1}", 'line 1, column 2: double quotes are needed'],
    ['full-width quotes', '{“a”: 1}', 'line 1, column 2: a full-width quote'],
    ['nested too deeply', '[[[[[[1]]]]]]', 'deeper than 5'],
    ['a member twice', '{"a":1,"b":{"a":2},"a":3}', '"a" occurs twice'],
    ['a member twice, once with an escape', '{"a":1,"\\u0061":3}', '"a" occurs twice'],
    ['a member of every object', '{"a":{"toString":0}}', '"toString": no element of FHIR is called so'],
    ['the same with an escape', '{"\\u0076alueOf":0}', '"valueOf": no element of FHIR is called so'],
    ['the prototype of an object', '{"__proto__":{"a":1}}', '"__proto__": no element'],
    ['a member twice, in the depth', '{"b":[{"c":"\\"", "c" : 1}]}', '"c" occurs twice'],
  ])('%s', (_, text, problem) => {
    expect(refusalOf(text)).toContain(problem);
  });

  test('names and strings that look alike are not members twice', () => {
    expect(refusalOf('{"a":"a","b":["a","a"],"c":{"a":"\\\\"}}')).toBeUndefined();
  });

  test('the message does not quote the body', () => {
    expect(refusalOf('{"name": 张三}')).not.toContain('张三');
  });

  test('a number of digits without end in a large body, but not such a string', () => {
    const run = '1'.repeat(300_000);
    expect(refusalOf(`{"value":${run}}`)).toContain('digits');
    expect(refusalOf(`{"value":"${run}"}`)).toBeUndefined();
  });

  test('bytes that are not UTF-8', () => {
    expect(() => decodeText(Uint8Array.of(0x22, 0xff, 0x22))).toThrow(Refusal);
  });
});
