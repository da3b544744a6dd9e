import { open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { type Entry, joined, type Line, readLines } from './lines.ts';

/** Where to load, and how. */
export interface LoadOptions {
  /** The base URL of the server. */
  server: string;
  token?: string;
  /** Requests at once. */
  connections: number;
  /** Begins anew, whatever was loaded before. */
  again: boolean;
  /** Told of the progress, and of what is refused. */
  tell(line: string): void;
}

/** What was loaded of a file. */
export interface Loaded {
  bundles: number;
  resources: number;
  /** Bundles that the server has refused. */
  refused: number;
}

/** So many bytes of lines go into one transaction: a body below 128 kB is run where the server runs all small ones. */
const transactionBytes = 120_000;

/** How often a server that is busy, or not there, is asked again, and after so many milliseconds at first. */
const attempts = 8;
const firstPause = 500;

/**
 * Loads a file of NDJSON, a transaction a line, several of them in one request. The first line goes by itself: others
 * refer to what it brings. What a request of several lines is refused for is found by sending them one by one. The place
 * up to which all is kept stands in `[file].progress`, so that what was interrupted goes on there; sent twice, what has an
 * id of its own is the same once more.
 */
export async function loadFile(path: string, options: LoadOptions): Promise<Loaded> {
  const { connections, tell } = options;
  const size = (await stat(path)).size;
  const progressFile = `${path}.progress`;
  const from = options.again ? 0 : await placeIn(progressFile, size);
  if (from > 0) tell(`${path}: ${from} / ${size} bytes are loaded already`);
  const file = await open(path);
  const loaded: Loaded = { bundles: 0, resources: 0, refused: 0 };
  const running = new Set<Promise<void>>();
  /** Ends of requests that wait for those before them, by which the place moves on. */
  const places: { end: number; isDone: boolean }[] = [];
  let place = from;
  const began = performance.now();
  let told = began;
  let failure: unknown;

  const settle = async () => {
    while (places[0]?.isDone) place = places.shift()!.end;
    const now = performance.now();
    if (now - told < 1_000) return;
    told = now;
    await writeFile(progressFile, JSON.stringify({ size, place }));
    tell(lineOf(path, loaded, { place, size, seconds: (now - began) / 1_000 }));
  };
  const send = (lines: readonly Line[]) => {
    const mark = { end: lines.at(-1)!.end, isDone: false };
    places.push(mark);
    const work = sendLines(lines, loaded, options)
      .then(() => {
        mark.isDone = true;
        return settle();
      })
      .catch((error) => {
        failure ??= error;
      })
      .finally(() => running.delete(work));
    running.add(work);
    return work;
  };

  try {
    let waiting: Line[] = [];
    let bytes = 0;
    for await (const line of readLines(file, from)) {
      if (line.start === 0) {
        await send([line]);
        continue;
      }
      if (waiting.length > 0 && bytes + line.text.length > transactionBytes) {
        while (running.size >= connections) await Promise.race(running);
        if (failure) break;
        void send(waiting);
        waiting = [];
        bytes = 0;
      }
      waiting.push(line);
      bytes += line.text.length;
    }
    if (waiting.length > 0 && !failure) void send(waiting);
    await Promise.all(running);
  } finally {
    await file.close();
  }
  while (places[0]?.isDone) place = places.shift()!.end;
  tell(lineOf(path, loaded, { place, size, seconds: (performance.now() - began) / 1_000 }));
  if (failure) {
    await writeFile(progressFile, JSON.stringify({ size, place }));
    throw failure;
  }
  await rm(progressFile, { force: true });
  return loaded;
}

/** The place that a file was loaded up to; 0 where nothing says so, or the file is another by now. */
async function placeIn(progressFile: string, size: number): Promise<number> {
  try {
    const known = JSON.parse(await readFile(progressFile, 'utf8')) as { size: number; place: number };
    return known.size === size && Number.isInteger(known.place) ? known.place : 0;
  } catch {
    return 0;
  }
}

function lineOf(
  path: string,
  { bundles, resources, refused }: Loaded,
  { place, size, seconds }: { place: number; size: number; seconds: number },
): string {
  const share = size === 0 ? 100 : Math.floor((place / size) * 100);
  const rate = Math.round(resources / Math.max(seconds, 0.001));
  return `${path}: ${share}%, ${bundles} bundles, ${resources} resources, ${rate}/s${refused > 0 ? `, ${refused} refused` : ''}`;
}

async function sendLines(lines: readonly Line[], loaded: Loaded, options: LoadOptions): Promise<void> {
  const bundles = lines.map(({ text }) => JSON.parse(text) as { type: string; entry: Entry[] });
  const mayJoin = bundles.length > 1 && bundles.every(({ type }) => type === 'transaction');
  const groups = mayJoin ? [joined(bundles)] : bundles;
  for (const [index, bundle] of groups.entries()) {
    const outcome = await post(bundle, options);
    if (outcome === undefined) {
      loaded.bundles += mayJoin ? bundles.length : 1;
      loaded.resources += bundle.entry.length;
    } else if (mayJoin) {
      for (const line of lines) await sendLines([line], loaded, options);
    } else {
      loaded.refused++;
      options.tell(`line at byte ${lines[index]!.start}: ${outcome}`);
    }
  }
}

/** Sends a bundle, again where the server is busy; undefined, or why it was refused. */
async function post(bundle: object, { server, token }: LoadOptions): Promise<string | undefined> {
  const body = JSON.stringify(bundle);
  for (let attempt = 1, pause = firstPause; ; attempt++, pause *= 2) {
    const response = await fetch(server, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/fhir+json',
        Prefer: 'return=minimal',
        ...(token !== undefined && { Authorization: `Bearer ${token}` }),
      },
      body,
    }).catch((error: unknown) => error as Error);
    const isGone = response instanceof Error;
    const mayRetry = isGone || [409, 429, 500, 502, 503, 504].includes(response.status);
    if (!isGone && response.ok) {
      await response.arrayBuffer();
      return undefined;
    }
    if (mayRetry && attempt < attempts) {
      if (!isGone) await response.arrayBuffer();
      await new Promise((resolve) => setTimeout(resolve, pause));
      continue;
    }
    if (isGone) throw new Error(`${server}: ${response.message}`);
    const { issue = [] } = (await response.json().catch(() => ({}))) as {
      issue?: { details?: { text?: string }; expression?: string[] }[];
    };
    const [first] = issue;
    return `${response.status} ${first?.expression?.[0] ?? ''} ${first?.details?.text ?? ''}`;
  }
}
