import { isElement } from '../../resource.ts';
import { isLess } from '../profile/limits.ts';
import type { TypedValue } from './items.ts';

export { isLess };

/** Whether two answers are the same: codings by system and code, references by where they lead, others by their value. */
export function isSame(one: TypedValue, other: TypedValue): boolean {
  const [a, b] = [one.value, other.value];
  if (!isElement(a) || !isElement(b)) return a === b;
  if (one.type === 'Coding') return a.code === b.code && a.system === b.system;
  if (one.type === 'Reference') return a.reference === b.reference;
  if (one.type === 'Quantity')
    return !isLess(a, b) && !isLess(b, a) && (a.value === b.value || a.code !== b.code);
  return JSON.stringify(a) === JSON.stringify(b);
}

/** An answer as a short text. */
export function answerText({ value }: TypedValue): string {
  if (!isElement(value)) return String(value);
  const { system, code, reference, display } = value;
  if (code !== undefined || system !== undefined) return `${system ?? ''}|${code ?? ''}`;
  return String(reference ?? display ?? '…');
}
