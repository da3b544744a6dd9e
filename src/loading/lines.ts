import type { FileHandle } from 'node:fs/promises';

/** A line of a file, and where it stands, in bytes: `end` is the start of the next one. */
export interface Line {
  text: string;
  start: number;
  end: number;
}

/** A longer line is no transaction that a server would take. */
const longestLine = 268_435_456;

/** The lines of a file from a place on, without those that are empty; no more than one of them is held. */
export async function* readLines(file: FileHandle, from: number): AsyncGenerator<Line, undefined> {
  let rest: Buffer = Buffer.alloc(0);
  let start = from;
  for await (const chunk of file.createReadStream({
    start: from,
    autoClose: false,
    highWaterMark: 1_048_576,
  })) {
    rest = rest.length === 0 ? (chunk as Buffer) : Buffer.concat([rest, chunk as Buffer]);
    if (rest.length > longestLine)
      throw new Error(`A line at byte ${start} is longer than ${longestLine} bytes`);
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      const line = lineOf(rest.subarray(0, end), start, start + end + 1);
      if (line) yield line;
      start += end + 1;
      rest = rest.subarray(end + 1);
    }
  }
  const last = lineOf(rest, start, start + rest.length);
  if (last) yield last;
}

function lineOf(bytes: Buffer, start: number, end: number): Line | undefined {
  const text = bytes.toString('utf8').trim();
  return text === '' ? undefined : { text, start, end };
}

/** An entry of a transaction. */
export interface Entry {
  fullUrl?: string;
}

/** One transaction of several. Their entries keep their order. */
export function joined(bundles: readonly { type: string; entry: Entry[] }[]): {
  type: string;
  entry: Entry[];
} {
  return { ...bundles[0]!, entry: bundles.flatMap(({ entry }) => entry) };
}
