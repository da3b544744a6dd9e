import type { Filter } from '../terminology/code-source.ts';
import { type CodeTable, passesFilters } from '../terminology/code-table.ts';
import type { KnownCodes } from '../terminology/known-codes.ts';

/** Whether a code is in a value set: `unknown` where the definitions do not reach. */
export type Membership = 'in' | 'out' | 'unknown';

/** Codes of one system that a value set has without listing them. */
export interface OpenPart {
  /** Where they are; undefined where nothing is known of them. */
  table?: CodeTable;
  /** Which of the table they are: those that pass all. */
  filters: readonly Filter[];
  /** Which of them are excluded. */
  except: readonly OpenPart[];
  exceptCodes?: ReadonlySet<string> | undefined;
  /** Whether some of these may not be in it. */
  isAtMost?: boolean;
}

/** A system of whose codes nothing is known. */
export const nothingKnown: OpenPart = { filters: [], except: [] };

/** The codes of tables that pass filters: a code is in it that is in the table of any edition. */
export function partsOf(tables: readonly CodeTable[], filters: readonly Filter[]): OpenPart[] {
  return tables.map((table) => ({ table, filters, except: [] }));
}

/** What is in one of these and in one of the others. */
export function partsInBoth(parts: readonly OpenPart[], others: readonly OpenPart[]): OpenPart[] {
  return parts.flatMap((one) => others.map((other) => inBoth(one, other)));
}

function inBoth(one: OpenPart, other: OpenPart): OpenPart {
  const isOneTable = one.table && other.table && one.table.table === other.table.table;
  if (!isOneTable) return { ...(one.table ? one : other), isAtMost: true };
  return {
    table: one.table!,
    filters: [...one.filters, ...other.filters],
    except: [...one.except, ...other.except],
    exceptCodes: (one.exceptCodes ?? new Set<string>()).union(other.exceptCodes ?? new Set()),
    isAtMost: (one.isAtMost ?? false) || (other.isAtMost ?? false),
  };
}

/** The same, of which some may not be in it. */
export function atMost(parts: readonly OpenPart[]): OpenPart[] {
  return parts.map((part) => ({ ...part, isAtMost: true }));
}

/** What is left of these where others are excluded, and listed codes. */
export function without(
  parts: readonly OpenPart[],
  others: readonly OpenPart[],
  codes: ReadonlySet<string> | undefined,
): OpenPart[] {
  return parts.map((part) => ({
    ...part,
    except: [...part.except, ...others],
    ...(codes && { exceptCodes: codes.union(part.exceptCodes ?? new Set()) }),
  }));
}

/** Whether a code is in any of these parts. */
export function inParts(code: string, parts: readonly OpenPart[], codes: KnownCodes | undefined): Membership {
  const verdicts = parts.map((part) => inPart(code, part, codes));
  if (verdicts.includes('in')) return 'in';
  return verdicts.includes('unknown') ? 'unknown' : 'out';
}

function inPart(code: string, part: OpenPart, codes: KnownCodes | undefined): Membership {
  const { table, filters, except, exceptCodes, isAtMost } = part;
  if (exceptCodes?.has(code)) return 'out';
  if (!table) return 'unknown';
  const concept = codes?.find(table, code);
  if (concept === undefined) return 'unknown';
  if (concept === null) return table.isComplete ? 'out' : 'unknown';
  const passes = passesFilters(table, concept, filters);
  if (passes === false) return 'out';
  const excluded = except.length === 0 ? 'out' : inParts(code, except, codes);
  if (excluded === 'in') return 'out';
  return passes === undefined || excluded === 'unknown' || isAtMost ? 'unknown' : 'in';
}
