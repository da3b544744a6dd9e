import { refusals, refuse } from '../../fhir/refusal.ts';
import { type Span, spanOf } from '../../fhir/search/time.ts';
import { invalid } from '../../fhir/search/values.ts';
import { directions } from '../vocabulary.ts';

/** What is asked of a patient's referral history. */
export interface HistoryQuestion {
  /** `system|value`, `|value` or `value`. */
  identifier?: string;
  /** Written in or after this time. */
  start?: Span;
  /** Written in or before this time. */
  end?: Span;
  direction?: string;
  /** Codes of ServiceRequest.status or Task.status. */
  statuses: readonly string[];
  count: number;
  cursor?: string;
}

export type Parameters = ReadonlyMap<string, readonly string[]>;

/** How many referrals a page has when nothing is said, and at most. */
const usualCount = 20;
const largestCount = 100;

/** http://hl7.org/fhir/R4/valueset-request-status.html */
export const requestStatuses: readonly string[] = [
  'draft',
  'active',
  'on-hold',
  'revoked',
  'completed',
  'entered-in-error',
  'unknown',
];

/** http://hl7.org/fhir/R4/valueset-task-status.html */
export const taskStatuses: readonly string[] = [
  'draft',
  'requested',
  'received',
  'accepted',
  'rejected',
  'ready',
  'cancelled',
  'in-progress',
  'on-hold',
  'failed',
  'completed',
  'entered-in-error',
];

const names = ['identifier', 'start', 'end', 'direction', 'status', '_count'];

/** Parameters of the answer's form, which are not this operation's business. */
const formNames = ['_format', '_pretty', '_cursor'];

/** Reads the parameters of `$referral-history`; refuses what is unknown, given twice or not of its form. */
export function readQuestion(parameters: Parameters): HistoryQuestion {
  for (const [name, values] of parameters) {
    if (!names.includes(name) && !formNames.includes(name))
      throw refuse(refusals.unknownParameter, ['$referral-history', name.slice(0, 64), names.join(', ')]);
    if (values.length > 1 && name !== 'status')
      throw invalid(name, { zh: '只能给一次', en: 'it can be given only once' });
  }
  const one = (name: string) => parameters.get(name)?.[0] || undefined;
  const identifier = one('identifier');
  const direction = one('direction');
  const start = readTime('start', one('start'));
  const end = readTime('end', one('end'));
  const cursor = one('_cursor');
  if (identifier !== undefined && /^[^|]*\|[^|]*\||\|$/.test(identifier))
    throw invalid('identifier', {
      zh: '须为 system|value、|value 或 value 形式',
      en: 'it must be of the form system|value, |value or value',
    });
  if (direction !== undefined && !directions.some((known) => known === direction))
    throw invalid('direction', {
      zh: `须为 ${directions.join('、')} 之一`,
      en: `it must be one of ${directions.join(', ')}`,
    });
  if (start && end && start.low > end.high)
    throw invalid('end', { zh: '早于 start', en: 'it is before start' });
  return {
    ...(identifier !== undefined && { identifier }),
    ...(start && { start }),
    ...(end && { end }),
    ...(direction !== undefined && { direction }),
    ...(cursor !== undefined && { cursor }),
    statuses: (parameters.get('status') ?? []).flatMap(readStatuses),
    count: readCount(one('_count')),
  };
}

function readTime(name: string, value: string | undefined): Span | undefined {
  if (value === undefined) return undefined;
  // A `+` that was not percent-encoded arrives as a space.
  const span = spanOf(value.replace(' ', '+'));
  if (!span)
    throw invalid(name, {
      zh: '须为日期,如 2026、2026-03、2026-03-01 或 2026-03-01T09:00:00+08:00',
      en: 'it must be a date such as 2026, 2026-03, 2026-03-01 or 2026-03-01T09:00:00+08:00',
    });
  return span;
}

function readStatuses(value: string): string[] {
  return value
    .split(',')
    .filter((status) => status !== '')
    .map((status) => {
      if (requestStatuses.includes(status) || taskStatuses.includes(status)) return status;
      const known = [...new Set([...requestStatuses, ...taskStatuses])];
      throw invalid('status', {
        zh: `须为 ServiceRequest 或 Task 的状态:${known.join('、')}`,
        en: `it must be a status of a ServiceRequest or a Task: ${known.join(', ')}`,
      });
    });
}

function readCount(value: string | undefined): number {
  if (value === undefined) return usualCount;
  if (!/^[1-9]\d{0,8}$/.test(value))
    throw invalid('_count', { zh: '须为正整数', en: 'it must be a positive integer' });
  return Math.min(Number(value), largestCount);
}
