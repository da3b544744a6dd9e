import { isElement } from '../../resource.ts';

/** True when a value is exactly the fixed one (`fixed[x]`); the order of the members does not matter. */
export function equalsFixed(value: unknown, fixed: unknown): boolean {
  if (Array.isArray(fixed)) {
    return (
      Array.isArray(value) &&
      value.length === fixed.length &&
      fixed.every((item, index) => equalsFixed(value[index], item))
    );
  }
  if (isElement(fixed)) {
    return (
      isElement(value) &&
      Object.keys(value).length === Object.keys(fixed).length &&
      Object.keys(fixed).every((name) => equalsFixed(value[name], fixed[name]))
    );
  }
  return value === fixed;
}

/**
 * True when a value has all that the pattern has (`pattern[x]`): it may have more members, and each item of a list in
 * the pattern is matched by some item of the value's list.
 */
export function matchesPattern(value: unknown, pattern: unknown): boolean {
  if (Array.isArray(pattern)) {
    return Array.isArray(value) && pattern.every((item) => value.some((one) => matchesPattern(one, item)));
  }
  if (isElement(pattern)) {
    return (
      isElement(value) && Object.keys(pattern).every((name) => matchesPattern(value[name], pattern[name]))
    );
  }
  return value === pattern;
}
