import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Engine, engines, type Measure, measures } from './plan.ts';

/** What a run of the benchmark covers. */
export interface Options {
  engines: readonly Engine[];
  measures: readonly Measure[];
  clients: readonly number[];
  /** Seconds a measure. */
  seconds: number;
  patients: number;
  /** Folder for a processor profile of every measure. */
  profile: string | undefined;
  /** How many processes serve: several runs. */
  processes: readonly (number | 'all')[];
  /** The base URL of another FHIR server that is measured beside. */
  peer: string | undefined;
  /** Folder for the results, or `none`. */
  results: string;
  help: boolean;
}

export const usage = `npm run bench -- [options]
  --engine    ${engines.join(',')}     engines to measure (default: all that there are)
  --measure   ${measures.join(',')}
  --clients   8                    clients side by side (1 to 64)
  --processes 1,all                server processes; all: one for each processor, four at most on the embedded engine
  --peer      url                  another FHIR server (http:) that is given the same load, which it keeps
  --results   folder               where the figures are kept as JSON (default: test/bench/results; none: nowhere)
  --seconds   2                    length of a measure (0.1 to 60)
  --patients  2000                 patients with two referrals each (10 to 100000)
  --profile   folder               writes a processor profile of the server for each measure there (with --processes 1)
`;

/** Reads the flags of the command line. Throws an Error with a message for the reader when one is wrong. */
export function readOptions(args: readonly string[]): Options {
  const flag = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      engine: flag,
      measure: flag,
      clients: flag,
      seconds: flag,
      patients: flag,
      profile: flag,
      processes: flag,
      peer: flag,
      results: flag,
      help: { type: 'boolean' },
    },
  });
  return {
    engines: some('engine', values.engine, engines),
    measures: some('measure', values.measure, measures),
    clients: (values.clients ?? '8').split(',').map((text) => number('clients', text, 1, 64)),
    seconds: number('seconds', values.seconds ?? '2', 0.1, 60),
    patients: number('patients', values.patients ?? '2000', 10, 100_000),
    profile: values.profile,
    processes: (values.processes ?? '1,all')
      .split(',')
      .map((text) => (text === 'all' ? text : number('processes', text, 1, 64))),
    peer: values.peer && peerUrl(values.peer),
    results: values.results ?? fileURLToPath(new URL('./results/', import.meta.url)),
    help: values.help ?? false,
  };
}

function peerUrl(text: string): string {
  if (!URL.canParse(text) || new URL(text).protocol !== 'http:')
    throw new Error(`--peer takes a URL with http:, but got "${text}"`);
  return text.replace(/\/$/, '');
}

function some<T extends string>(name: string, text: string | undefined, all: readonly T[]): readonly T[] {
  if (text === undefined) return all;
  return text.split(',').map((wanted) => {
    const known = all.find((each) => each === wanted);
    if (known === undefined) throw new Error(`--${name} takes ${all.join(', ')}, but got "${wanted}"`);
    return known;
  });
}

function number(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (!(value >= least && value <= most))
    throw new Error(`--${name} takes a number from ${least} to ${most}, but got "${text}"`);
  return value;
}
