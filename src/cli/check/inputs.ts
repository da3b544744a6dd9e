import { glob, readdir, readFile, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { Complaint } from '../command.ts';

/** One resource as somebody has it: a file, or a line of an NDJSON file. */
export interface Input {
  /** The file, `-` for the standard input. */
  name: string;
  /** The line on which it begins, counted from 1. */
  line: number;
  text: string;
}

const kinds: ReadonlySet<string> = new Set(['.json', '.ndjson', '.xml']);

/**
 * The resources that are meant by files, folders (with all below), patterns such as `out/*.json`, and `-` for the standard
 * input, in their order. A line of an `.ndjson` file is one resource. Throws a Complaint for what is not there.
 */
export async function* inputsOf(places: readonly string[]): AsyncGenerator<Input> {
  for (const place of places) {
    if (place === '-') {
      yield* resourcesIn('-', await text(process.stdin));
      continue;
    }
    const files = await filesAt(place);
    if (files.length === 0) throw new Complaint(`${place}: 没有文件 / there is no file`);
    for (const file of files) yield* resourcesIn(file, await readFile(file, 'utf8'));
  }
}

async function filesAt(place: string): Promise<string[]> {
  const found = await stat(place).catch(() => undefined);
  if (found?.isDirectory()) {
    const below = await readdir(place, { recursive: true });
    return below
      .filter((name) => kinds.has(extname(name)))
      .map((name) => join(place, name))
      .sort();
  }
  if (found) return [place];
  return (await Array.fromAsync(glob(place))).filter((name) => kinds.has(extname(name))).sort();
}

function* resourcesIn(name: string, whole: string): Generator<Input> {
  const lines = whole.split('\n');
  // Several lines that are each an object by themselves are NDJSON, also where no name says so.
  const isLines =
    extname(name) === '.ndjson' ||
    (name === '-' && lines.filter((line) => /^\{.*\}\s*$/.test(line)).length > 1);
  if (!isLines) {
    yield { name, line: 1, text: whole };
    return;
  }
  for (const [index, line] of lines.entries())
    if (line.trim() !== '') yield { name, line: index + 1, text: line };
}
