import { readFileSync } from 'node:fs';
import { examples as folder } from '../../examples/sequence.ts';
import type { Source } from './source.ts';

/** What the page of the examples says of one: the last cell of its row, and the rule where it breaks one. */
export interface Told {
  rule?: string;
  /** What it shows, in English. */
  text: string;
}

/** What `examples/README.md` says of each file, by the name of the file without its folder. A test holds the two together. */
export function toldOfExamples(): ReadonlyMap<string, Told> {
  const readme = readFileSync(`${folder}README.md`, 'utf8');
  const rows = readme.matchAll(/^\| `([\w-]+)` \|(?: `([\w-]+)` \|)?.*?([^|]+) \|$/gm);
  return new Map(
    [...rows].map(([, file, rule, text]) => [file!, { text: text!.trim(), ...(rule && { rule }) }]),
  );
}

/** The invalid examples by the rule that each breaks. */
export function brokenBy(source: Source): ReadonlyMap<string, readonly string[]> {
  const told = toldOfExamples();
  const broken = new Map<string, string[]>();
  for (const { name } of source.examples) {
    const rule = name.startsWith('invalid/') ? told.get(name.slice('invalid/'.length))?.rule : undefined;
    if (rule) broken.set(rule, [...(broken.get(rule) ?? []), name]);
  }
  return broken;
}
