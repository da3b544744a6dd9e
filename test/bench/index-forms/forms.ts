import { keysOf } from '../../../src/store/sqlite/settled-terms.ts';
import { compactSort } from '../../../src/store/sqlite/sort-values.ts';
import type { Row } from './rows.ts';

/** A form in which the terms of a row could be indexed, and what the row keeps beside its text. */
export interface Form {
  name: string;
  /** The type of the index's key. */
  key: 'TEXT' | 'INTEGER';
  /** The keys of a row, as a JSON array. */
  keys(row: Row): string;
  sort(row: Row): string;
  /** The key by which a term is found. */
  keyOf(term: string): string | bigint;
}

const text = { key: 'TEXT', keyOf: (term: string) => term } as const;
const number = { key: 'INTEGER', keyOf: numberOf } as const;

export const forms: readonly Form[] = [
  { name: 'no index, whole sort', ...text, keys: () => '[]', sort: (row) => row.sort },
  { name: 'every term, whole sort', ...text, keys: (row) => row.terms, sort: (row) => row.sort },
  { name: 'every term, short sort', ...text, keys: (row) => row.terms, sort: (row) => compactSort(row.sort) },
  {
    name: 'as it is: folded strings',
    ...text,
    keys: (row) => keysOf(row.terms),
    sort: (row) => compactSort(row.sort),
  },
  {
    name: 'one form of each token',
    ...text,
    keys: (row) => oneForm(row.terms),
    sort: (row) => compactSort(row.sort),
  },
  {
    name: 'every term as a number',
    ...number,
    keys: (row) => numbers(row.terms),
    sort: (row) => compactSort(row.sort),
  },
  {
    name: 'one form, as numbers',
    ...number,
    keys: (row) => numbers(oneForm(row.terms)),
    sort: (row) => compactSort(row.sort),
  },
  { name: 'the same, no sort', ...number, keys: (row) => numbers(oneForm(row.terms)), sort: () => '{}' },
];

/** Without the `=code` of tokens that have their system, without exact strings, and `subject` for `patient`. */
function oneForm(packed: string): string {
  const terms = JSON.parse(keysOf(packed)) as string[];
  const codes = new Set(
    terms.map((term) => `${term.slice(0, term.indexOf('|'))}|=${term.slice(term.lastIndexOf('|') + 1)}`),
  );
  return JSON.stringify(terms.filter((term) => !codes.has(term) && !term.startsWith('patient|')));
}

function numbers(packed: string): string {
  return `[${(JSON.parse(packed) as string[]).map(numberOf).join()}]`;
}

const halves = new DataView(new ArrayBuffer(8));

/** 64 bits of a term: enough to measure by, not to keep data by, since collisions can be made. */
function numberOf(term: string): bigint {
  let [high, low] = [0x811c9dc5, 0x9747b28c];
  for (let at = 0; at < term.length; at++) {
    const unit = term.charCodeAt(at);
    high = Math.imul(high ^ unit, 0x01000193);
    low = Math.imul(low ^ unit, 0x5bd1e995);
    low ^= low >>> 13;
  }
  halves.setInt32(0, high);
  halves.setInt32(4, low);
  return halves.getBigInt64(0);
}
