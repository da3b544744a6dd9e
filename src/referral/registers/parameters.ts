import { refusals, refuse } from '../../fhir/refusal.ts';
import { invalid } from '../../fhir/search/values.ts';
import type { Target } from '../reference.ts';
import { periodOf, type ReportPeriod, readPeriod } from './period.ts';

/** Simple parameters of an operation by name. */
export type Parameters = ReadonlyMap<string, readonly string[]>;

/** Parameters of the answer's form, which are no operation's business. */
const formNames: readonly string[] = ['_format', '_pretty', '_cursor'];

/** Refuses with 400 what is unknown, or given twice. */
export function refuseUnknown(operation: string, parameters: Parameters, known: readonly string[]): void {
  for (const [name, values] of parameters) {
    if (!known.includes(name) && !formNames.includes(name))
      throw refuse(refusals.unknownParameter, [operation, name.slice(0, 64), known.join(', ')]);
    if (values.length > 1) throw invalid(name, { zh: '只能给一次', en: 'it can be given only once' });
  }
}

/** The value of a parameter that can be given once; undefined where it is left out or empty. */
export function one(parameters: Parameters, name: string): string | undefined {
  return parameters.get(name)?.[0] || undefined;
}

/** One of some codes. */
export function oneOf<T extends string>(
  parameters: Parameters,
  name: string,
  codes: readonly T[],
): T | undefined {
  const value = one(parameters, name);
  if (value === undefined) return undefined;
  const code = codes.find((each) => each === value);
  if (code !== undefined) return code;
  throw invalid(name, { zh: `须为 ${codes.join('、')} 之一`, en: `it must be one of ${codes.join(', ')}` });
}

/** A resource of one of some types, as `Type/id`, or as an id where there is one type. */
export function target(parameters: Parameters, name: string, types: readonly string[]): Target | undefined {
  const value = one(parameters, name);
  if (value === undefined) return undefined;
  const [, type, id] = /^(?:([A-Z][A-Za-z]+)\/)?([A-Za-z0-9\-.]{1,64})$/.exec(value) ?? [];
  const meant = type ?? (types.length === 1 ? types[0] : undefined);
  if (id !== undefined && meant !== undefined && types.includes(meant)) return { type: meant, id };
  const forms = types.map((each) => `${each}/[id]`);
  throw invalid(name, { zh: `须形如 ${forms.join(' 或 ')}`, en: `it must be ${forms.join(' or ')}` });
}

/**
 * The period that is asked for: by `period`, or by its first and last day, under either of the names that FHIR's
 * operations have for them. Undefined where none of them is given.
 */
export function periodIn(parameters: Parameters): ReportPeriod | undefined {
  const named = one(parameters, 'period');
  const start = one(parameters, 'start') ?? one(parameters, 'periodStart');
  const end = one(parameters, 'end') ?? one(parameters, 'periodEnd');
  if (named === undefined && start === undefined && end === undefined) return undefined;
  if (named !== undefined) {
    const period = start === undefined && end === undefined ? readPeriod(named) : undefined;
    if (period) return period;
    throw invalid('period', {
      zh: '须为 2026、2026-Q4、2026-11、2026-W48 或 2026-11-30,且不与首末日合用',
      en: 'it must be 2026, 2026-Q4, 2026-11, 2026-W48 or 2026-11-30, and not together with a start or an end',
    });
  }
  const [first, last] = [start && readPeriod(start.slice(0, 10)), end && readPeriod(end.slice(0, 10))];
  const period = first && last ? periodOf(first.start, last.end) : undefined;
  if (period) return period;
  throw invalid('period', {
    zh: '首日与末日须一并给出,形如 2026-11-30,末日不早于首日',
    en: 'the first and the last day go together, each as 2026-11-30, and the end is not before the start',
  });
}
