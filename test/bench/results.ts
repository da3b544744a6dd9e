import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Figures } from './measure.ts';
import { ahead, type Measure, measures, resourcesEach } from './plan.ts';

/** What was found out about one measure on one server. */
export interface Result {
  /** An engine of this server, or the URL of another one. */
  target: string;
  /** How many processes serve; undefined: not known. */
  processes?: number;
  measure: Measure;
  clients: number;
  /** Undefined where the first answer was not the right one. */
  server?: Figures;
  /** What was wrong with it. */
  wrong?: string;
  /** Processor time of all its processes for a thousand requests, in seconds. */
  cpu?: number;
  /** Bare `http`, and the bare engine, in the same run. */
  floors?: { http: Figures; engine?: Figures };
}

/** How much was done in a second: requests, or resources where these are counted. */
export function rateOf({ measure, server }: Result): number {
  return (server?.perSecond ?? 0) * (resourcesEach[measure] ?? 1);
}

/** How many times as fast as the peer the best of the others is, row by row. */
export function ratios(
  results: readonly Result[],
  peer: string,
): { measure: Measure; ratio: number; goal: number }[] {
  const best = (measure: Measure, isPeer: boolean) =>
    Math.max(
      ...results.filter((each) => each.measure === measure && (each.target === peer) === isPeer).map(rateOf),
      0,
    );
  return measures.flatMap((measure) => {
    const [own, others] = [best(measure, false), best(measure, true)];
    return own > 0 && others > 0 ? [{ measure, ratio: own / others, goal: ahead[measure] }] : [];
  });
}

/** Keeps a run as a JSON file in a folder, with machine and commit, and gives its path. */
export function keepResults(
  folder: string,
  run: { machine: string; at: string; patients: number; seconds: number; results: readonly Result[] },
): string {
  mkdirSync(folder, { recursive: true });
  const commit = commitNow();
  const path = join(folder, `${run.at.replace(/[:.]/g, '-')}.json`);
  writeFileSync(path, `${JSON.stringify({ commit, ...run }, rounded, 2)}\n`);
  return path;
}

/** The commit that was measured, `+` behind it where files have changed since. */
function commitNow(): string {
  const cwd = fileURLToPath(new URL('.', import.meta.url));
  const git = (...args: string[]) => execFileSync('git', args, { cwd, encoding: 'utf8' }).trim();
  try {
    return git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain', '-uno') ? '+' : '');
  } catch {
    return 'unknown';
  }
}

function rounded(_: string, value: unknown): unknown {
  return typeof value === 'number' ? Number(value.toPrecision(4)) : value;
}
