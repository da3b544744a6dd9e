import { empty, type Items, integerOf, rawOf, stringOf, truth } from '../node.ts';
import { patternOf } from '../pattern.ts';
import { type Scope, spend, weighed } from '../scope.ts';
import { type FunctionTable, plain, withValue, withValues } from './function.ts';

/** http://hl7.org/fhirpath/N1/#string-manipulation */
export const strings: FunctionTable = {
  startsWith: ofTwo((text, start) => truth(text.startsWith(start))),
  endsWith: ofTwo((text, end) => truth(text.endsWith(end))),
  contains: ofTwo((text, part) => truth(text.includes(part))),
  indexOf: ofTwo((text, part) => [text.indexOf(part)]),
  lastIndexOf: ofTwo((text, part) => [text.lastIndexOf(part)]),
  matches: ofTwo((text, pattern, scope) => truth(patternOf(pattern, '', text, scope).test(text))),
  split: ofTwo((text, separator, scope) => produced(text.split(separator), scope)),
  length: ofOne((text) => [text.length]),
  upper: ofOne((text) => [text.toUpperCase()]),
  lower: ofOne((text) => [text.toLowerCase()]),
  trim: ofOne((text) => [text.trim()]),
  toChars: ofOne((text, scope) => produced(text.split(''), scope)),
  substring: withValues((input, from, count) => {
    const text = stringOf(input);
    const start = integerOf(from);
    if (text === undefined || start === undefined || start < 0 || start >= text.length) return empty;
    const length = count && integerOf(count);
    return [text.substring(start, length === undefined ? undefined : start + Math.max(0, length))];
  }, 1),
  replace: withValues((input, pattern, substitution, scope) => {
    const [text, part, by] = [stringOf(input), stringOf(pattern), stringOf(substitution!)];
    if (text === undefined || part === undefined || by === undefined) return empty;
    spend(scope, (text.length + 1) * (1 + (by.length >> 4)));
    return [text.replaceAll(part, () => by)];
  }),
  replaceMatches: withValues((input, pattern, substitution, scope) => {
    const [text, expression, by] = [stringOf(input), stringOf(pattern), stringOf(substitution!)];
    if (text === undefined || expression === undefined || by === undefined) return empty;
    spend(scope, (text.length + 1) * (1 + (by.length >> 4)));
    return [text.replace(patternOf(expression, 'g', text, scope), by)];
  }),
  join: withValue((items, separator, scope) => {
    const between = separator ? (stringOf(separator) ?? '') : '';
    const texts = items.map((item) => rawOf(item)).filter((value) => value != null);
    if (!texts.every((text) => typeof text === 'string')) throw new TypeError('Strings were expected');
    return texts.length === 0 ? empty : [weighed(texts.join(between), scope)];
  }, 0),
};

function ofOne(apply: (text: string, scope: Scope) => Items) {
  return plain((input, scope) => {
    const text = stringOf(input);
    return text === undefined ? empty : apply(text, scope);
  });
}

function ofTwo(apply: (text: string, other: string, scope: Scope) => Items) {
  return withValue((input, value, scope) => {
    const text = stringOf(input);
    const other = stringOf(value!);
    return text === undefined || other === undefined ? empty : apply(text, other, scope);
  });
}

function produced(items: Items, scope: Scope): Items {
  spend(scope, items.length);
  return items;
}
