import { empty, type Items, integerOf, numberOf } from '../node.ts';
import { temporalAt } from '../temporal.ts';
import { type FunctionTable, plain, withValue } from './function.ts';

/** Numbers and the clock (http://hl7.org/fhirpath/N1/#math, #utility-functions). */
export const arithmetic: FunctionTable = {
  abs: ofNumber(Math.abs),
  ceiling: ofNumber(Math.ceil),
  floor: ofNumber(Math.floor),
  truncate: ofNumber(Math.trunc),
  round: withValue((items, precision) => {
    const value = numberOf(items);
    if (value === undefined) return empty;
    const scale = 10 ** ((precision && integerOf(precision)) ?? 0);
    return [Math.round(value * scale) / scale];
  }, 0),
  now: plain((_, scope) => {
    scope.now ??= new Date();
    return [temporalAt(scope.now, 'DateTime')];
  }),
  today: plain((_, scope) => {
    scope.now ??= new Date();
    return [temporalAt(scope.now, 'Date')];
  }),
};

function ofNumber(apply: (value: number) => number) {
  return plain((items: Items) => {
    const value = numberOf(items);
    return value === undefined ? empty : [apply(value)];
  });
}
