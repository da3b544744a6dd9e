import type { ElementDefinition } from '../element-definition.ts';
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
  const lowest = limit(definition, 'minValue');
  const highest = limit(definition, 'maxValue');
  if (lowest === undefined && highest === undefined) return checks;
  checks.push(({ value }, { report }) => {
    if (below(value, lowest)) report.add(findings.belowMinimum, [String(lowest)], value);
    if (below(highest, value)) report.add(findings.aboveMaximum, [String(highest)], value);
  });
  return checks;
}

function limit(definition: ElementDefinition, stem: string): string | number | undefined {
  const value = choiceValue(definition, stem);
  return typeof value === 'string' || typeof value === 'number' ? value : undefined;
}

/** Dates compare as text as far as both are precise. */
function below(one: unknown, other: unknown): boolean {
  if (typeof one === 'number' && typeof other === 'number') return one < other;
  if (typeof one !== 'string' || typeof other !== 'string') return false;
  const shared = Math.min(one.length, other.length);
  return one.slice(0, shared) < other.slice(0, shared);
}
