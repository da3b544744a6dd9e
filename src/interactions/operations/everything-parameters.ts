import { refusals, refuse } from '../../fhir/refusal.ts';
import { type Span, spanOf } from '../../fhir/search/time.ts';
import { invalid } from '../../fhir/search/values.ts';
import { openPosition } from '../links.ts';
import type { OperationRequest } from '../operation.ts';
import type { TypedPosition } from '../page.ts';
import type { Server } from '../server.ts';

/** What is asked of `$everything`. */
export interface EverythingQuestion {
  /** Care in or after this time, in or before that one. */
  start?: Span;
  end?: Span;
  /** Changed at or after this instant. */
  since?: number;
  types?: readonly string[];
  count?: number;
  after?: TypedPosition;
  /** What the pages before have included. */
  told?: string;
}

const names = ['start', 'end', '_since', '_type', '_count'];

/** Parameters of the answer's form, which are not this operation's business. */
const formNames = ['_format', '_pretty', '_cursor'];

/** Reads the parameters of `$everything`; refuses what is unknown, given twice or not of its form. */
export function readEverythingQuestion(
  { parameters, cursor }: OperationRequest,
  { definitions }: Pick<Server, 'definitions'>,
): EverythingQuestion {
  for (const [name, values] of parameters) {
    if (!names.includes(name) && !formNames.includes(name))
      throw refuse(refusals.unknownParameter, ['$everything', name.slice(0, 64), names.join(', ')]);
    if (values.length > 1 && name !== '_type')
      throw invalid(name, { zh: '只能给一次', en: 'it can be given only once' });
  }
  const one = (name: string) => parameters.get(name)?.[0] || undefined;
  const [start, end, since] = ['start', 'end', '_since'].map((name) => readTime(name, one(name)));
  const types = (parameters.get('_type') ?? [])
    .flatMap((value) => value.split(','))
    .filter((type) => type !== '');
  const unknown = types.find((type) => !definitions.resourceTypes.includes(type));
  if (unknown !== undefined)
    throw invalid('_type', {
      zh: `不存在资源类型「${unknown.slice(0, 64)}」`,
      en: `there is no resource type "${unknown.slice(0, 64)}"`,
    });
  const count = readCount(one('_count'));
  const token = one('_cursor');
  const after =
    token === undefined ? undefined : openPosition<TypedPosition & { told?: string }>(cursor, token);
  return {
    ...(start && { start }),
    ...(end && { end }),
    ...(since && { since: since.low }),
    ...(types.length > 0 && { types: [...new Set(types)] }),
    ...(count !== undefined && { count }),
    ...(after !== undefined && { after, ...(after.told !== undefined && { told: after.told }) }),
  };
}

function readTime(name: string, value: string | undefined): Span | undefined {
  if (value === undefined) return undefined;
  // A `+` that was not percent-encoded arrives as a space.
  const span = spanOf(value.replace(' ', '+'));
  if (!span)
    throw invalid(name, {
      zh: `「${value.slice(0, 64)}」不是日期或时刻`,
      en: `"${value.slice(0, 64)}" is not a date or instant`,
    });
  return span;
}

function readCount(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (!/^[1-9]\d{0,8}$/.test(value))
    throw invalid('_count', { zh: '须为正整数', en: 'it must be a positive integer' });
  return Number(value);
}
