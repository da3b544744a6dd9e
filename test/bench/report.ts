import { partOfDriver, titles } from './plan.ts';
import { type Result, rateOf, type ratios } from './results.ts';

const columns = [
  ['', 39],
  ['processes', 9],
  ['clients', 7],
  ['per s', 8],
  ['p50 ms', 8],
  ['p99 ms', 8],
  ['errors', 6],
  ['CPU s/1000', 10],
  ['http per s', 10],
  ['engine per s', 12],
  ['of engine', 9],
] as const;

export const head = `${line(columns.map(([name]) => name))}\n${line(columns.map(([, width]) => '-'.repeat(width)))}`;

/** A result as a line of the table. */
export function row(result: Result): string {
  const { target, processes, measure, clients, server, wrong, cpu, floors } = result;
  if (!server) return line([titles[measure], '', String(clients), `not measured: ${wrong}`]);
  const engine = floors?.engine;
  const share = engine && engine.perSecond > 0 ? server.perSecond / engine.perSecond : undefined;
  const verdict =
    target !== 'mongodb' || share === undefined ? '' : share >= partOfDriver ? ' met' : ' short';
  return line([
    titles[measure],
    String(processes ?? ''),
    String(clients),
    whole(rateOf(result)),
    server.p50.toFixed(2),
    server.p99.toFixed(2),
    String(server.errors),
    cpu === undefined ? '' : cpu.toFixed(3),
    floors ? whole(floors.http.perSecond) : '',
    engine ? whole(engine.perSecond) : '',
    share === undefined ? '' : `${Math.round(share * 100)} %${verdict}`,
  ]);
}

/** How far ahead of a peer each row is, as lines. */
export function comparison(all: ReturnType<typeof ratios>): string {
  return all
    .map(
      ({ measure, ratio, goal }) =>
        `${titles[measure].padEnd(40)} ${ratio.toFixed(2).padStart(7)} of the peer, goal ${goal}: ${ratio >= goal ? 'met' : 'short'}`,
    )
    .join('\n');
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en');
}

function line(cells: readonly string[]): string {
  return cells
    .map((cell, index) => (index === 0 ? cell.padEnd(columns[index]![1]) : cell.padStart(columns[index]![1])))
    .join('  ')
    .trimEnd();
}
