import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { HostileRequest } from './requests.ts';

/** What the process of the clients is told: who sends what to whom, and for how long. */
export interface Assignment {
  base: string;
  clients: number;
  requests: readonly HostileRequest[];
  /** In milliseconds. */
  time: number;
  /** No more than so many, all clients together; undefined: as many as it gives. */
  most?: number;
}

/** What it tells at the end: how many answers of each status there were, and how many connections broke. */
export interface Sent {
  statuses: Record<number, number>;
  broken: number;
}

/** Clients in a process of their own, so that what they do keeps neither the server nor who measures from working. */
export interface HostileClients {
  /** Each sends one request after the other, the requests in turn, until the time is over. */
  send(assignment: Assignment): Promise<Sent>;
  stop(): void;
}

export function startHostileClients(): HostileClients {
  const child: ChildProcess = fork(fileURLToPath(new URL('./clients-process.ts', import.meta.url)));
  return {
    send: async (assignment) => {
      child.send(assignment);
      const [sent] = await once(child, 'message');
      return sent as Sent;
    },
    stop: () => void child.kill(),
  };
}
