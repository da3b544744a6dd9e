import type { Figures } from './measure.ts';
import { clientsOfGoal, type Engine, goals, type Measure, titles } from './plan.ts';

/** What was found out about one measure. */
export interface Result {
  measure: Measure;
  clients: number;
  server: Figures;
  floor: Figures;
  /** Processor time of the server's process, in seconds. */
  cpu: number;
}

const columns = [
  ['', 30],
  ['clients', 7],
  ['per s', 8],
  ['p50 ms', 8],
  ['p99 ms', 8],
  ['errors', 6],
  ['CPU s/1000', 10],
  ['floor per s', 11],
  ['of floor', 8],
  ['goal', 14],
] as const;

export const head = `${line(columns.map(([name]) => name))}\n${line(columns.map(([, width]) => '-'.repeat(width)))}`;

/** A result as a line of the table. */
export function row(engine: Engine, { measure, clients, server, floor, cpu }: Result): string {
  const share = floor.perSecond > 0 ? server.perSecond / floor.perSecond : 0;
  return line([
    titles[measure],
    String(clients),
    whole(server.perSecond),
    server.p50.toFixed(2),
    server.p99.toFixed(2),
    String(server.errors),
    ((cpu * 1_000) / server.done).toFixed(3),
    whole(floor.perSecond),
    `${Math.round(share * 100)} %`,
    clients === clientsOfGoal ? verdict(goals[engine][measure], server.perSecond, share) : '',
  ]);
}

/** A goal below 1 is a part of the floor. */
function verdict(goal: number, perSecond: number, share: number): string {
  const [text, isMet] = goal < 1 ? [`${goal * 100} %`, share >= goal] : [whole(goal), perSecond >= goal];
  return `${text} ${isMet ? 'met' : 'short'}`;
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
