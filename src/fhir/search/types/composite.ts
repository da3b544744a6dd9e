import type { Encoding } from '../encoding.ts';
import { type Bounds, or, prefixQuery, type Query } from '../query.ts';
import { invalid } from '../values.ts';

/** About so many combinations of the values of one element are kept. */
const mostCombinations = 1000;

/**
 * The values of a composite (http://hl7.org/fhir/R4/search.html#composite) that belong together are written as one:
 * the terms of its components joined by `$`, `|=8480-6$~positive`, and with a date, number or quantity among them an
 * interval of that name, `|=8480-6$value|=mm[Hg]`. Of two numbers, such as start and end of a variant, the first is the
 * low end of the interval and the second the high one.
 */
export function encodeComposite(components: readonly Encoding[], into: Encoding): void {
  let joined: { terms: string; intervals: { suffix: string; low: number; high: number }[] }[] = [
    { terms: '', intervals: [] },
  ];
  for (const { terms, intervals } of components) {
    // Components with many values each would multiply without end.
    const most = Math.ceil(mostCombinations / joined.length);
    const plain = terms.filter((term) => term.startsWith('|')).slice(0, most);
    joined = joined.flatMap((start) => [
      ...plain.map((term) => ({ ...start, terms: `${start.terms}$${separable(term.slice(1))}` })),
      ...intervals
        .slice(0, most)
        .map((interval) => ({ ...start, intervals: [...start.intervals, interval] })),
    ]);
    if (joined.length === 0) return;
  }
  for (const { terms, intervals } of joined) {
    const [first, second] = intervals;
    const start = `|${terms.slice(1)}`;
    if (first === undefined) into.terms.push(start);
    else if (second === undefined) into.intervals.push({ ...first, suffix: `${start}$value${first.suffix}` });
    else into.intervals.push({ suffix: `${start}$value`, low: first.low, high: second.high });
  }
}

/**
 * The query of one value of a composite from those of its components, each made with an empty name. Refuses what the
 * entries cannot answer: a range of terms anywhere but at the end.
 */
export function compositeQuery(name: string, value: string, components: readonly Query[]): Query {
  let joined: Join[] = [{ terms: '' }];
  for (const component of components) {
    joined = joined.flatMap((start) => {
      if (start.open) throw unanswerable(name, value);
      return leaves(component).map((leaf) => join(start, leaf, () => unanswerable(name, value)));
    });
  }
  return or(joined.map((each) => finish(name, each)));
}

/** What the components so far ask for. */
interface Join {
  terms: string;
  /** All terms that start so, instead of exactly this one. */
  open?: boolean;
  interval?: { suffix: string; low?: Bounds; high?: Bounds };
}

function join(start: Join, leaf: Query, refusal: () => Error): Join {
  if (leaf.kind === 'term') return { ...start, terms: `${start.terms}$${separable(leaf.term.slice(1))}` };
  if (leaf.kind === 'terms') {
    if (start.interval) throw refusal();
    return { terms: `${start.terms}$${separable(leaf.low.slice(1))}`, open: true };
  }
  if (leaf.kind !== 'interval') throw refusal();
  if (!start.interval) return { ...start, interval: { ...leaf, suffix: leaf.name } };
  // Numbers are points: what is asked of either end is asked of both.
  const { low, high } = start.interval;
  return {
    ...start,
    interval: { suffix: '', low: { ...low, ...high }, high: { ...leaf.low, ...leaf.high } },
  };
}

function finish(name: string, { terms, open, interval }: Join): Query {
  const start = `${name}|${terms.slice(1)}`;
  if (interval) {
    const { suffix, low, high } = interval;
    return { kind: 'interval', name: `${start}$value${suffix}`, ...(low && { low }), ...(high && { high }) };
  }
  if (open) return prefixQuery(start);
  return { kind: 'term', term: start };
}

function leaves(query: Query): readonly Query[] {
  return query.kind === 'or' ? query.of.flatMap(leaves) : [query];
}

function unanswerable(name: string, value: string): Error {
  return invalid(name, {
    zh: `「${value}」:只有最后一部分可以不写全,其余须给出代码`,
    en: `"${value}": only the last part may be open, give the code of the others`,
  });
}

function separable(term: string): string {
  return term.includes('$') ? term.replaceAll('$', '\\$') : term;
}
