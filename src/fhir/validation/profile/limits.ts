import { isElement } from '../../resource.ts';
import { spanOf } from '../../search/time.ts';
import type { ElementDefinition } from '../../snapshots/element-definition.ts';
import { canonicalUnit, ucumSystem } from '../../units.ts';
import { findings } from '../findings/findings.ts';
import { choiceValue } from './matchers.ts';
import type { InstanceCheck } from './rules.ts';

/** Longer than any string may be: the limit that the base definitions repeat. */
const longestString = 1024 * 1024;

/** The checks of `maxLength`, `minValue[x]` and `maxValue[x]`, where the value and the limit can be compared. */
export function compileLimits(definition: ElementDefinition): InstanceCheck[] {
  const { maxLength } = definition;
  const checks: InstanceCheck[] = [];
  if (maxLength !== undefined && maxLength < longestString) {
    checks.push(({ value }, { report }) => {
      if (typeof value === 'string' && [...value].length > maxLength) {
        report.add(findings.longerThan, [String(maxLength)], value);
      }
    });
  }
  const lowest = choiceValue(definition, 'minValue');
  const highest = choiceValue(definition, 'maxValue');
  if (lowest === undefined && highest === undefined) return checks;
  checks.push(({ value }, { report }) => {
    if (isLess(value, lowest)) report.add(findings.belowMinimum, [textOf(lowest)], value);
    if (isLess(highest, value)) report.add(findings.aboveMaximum, [textOf(highest)], value);
  });
  return checks;
}

/**
 * Whether one value is surely less than another: numbers, quantities in units that convert into each other, and dates
 * and times as far as both are precise, whatever their zones. What has no zone is taken for UTC.
 */
export function isLess(one: unknown, other: unknown): boolean {
  if (typeof one === 'number' && typeof other === 'number') return one < other;
  if (isElement(one) && isElement(other)) {
    const [a, b] = [one, other].map(amountOf);
    return a !== undefined && b !== undefined && a.unit === b.unit && a.value < b.value;
  }
  if (typeof one !== 'string' || typeof other !== 'string') return false;
  if (one.includes('T') !== other.includes('T') || (hasZone.test(one) && hasZone.test(other))) {
    const [a, b] = [one, other].map((text) => spanOf(withZone(text)));
    return a !== undefined && b !== undefined && a.high < b.low;
  }
  const shared = Math.min(one.length, other.length);
  return one.slice(0, shared) < other.slice(0, shared);
}

const hasZone = /T.*(?:Z|[+-]\d\d:\d\d)$/;

/** A day alone as the minutes of it cannot be told apart: its own text, which covers the whole of it. */
function withZone(text: string): string {
  return text.includes('T') && !hasZone.test(text) ? `${text}Z` : text;
}

/** A quantity in base units, or in its own where it has no others. */
function amountOf({ value, system, code, unit }: Readonly<Record<string, unknown>>) {
  if (typeof value !== 'number') return undefined;
  if (system === ucumSystem && typeof code === 'string') {
    const canonical = canonicalUnit(code);
    if (canonical) return { value: canonical.convert(value), unit: canonical.code };
  }
  return { value, unit: JSON.stringify([system, code ?? unit]) };
}

function textOf(limit: unknown): string {
  if (!isElement(limit)) return String(limit);
  return [limit.value, limit.code ?? limit.unit].filter((each) => each !== undefined).join(' ');
}
