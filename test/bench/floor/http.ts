import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type Call, Connection } from '../connection.ts';
import { type Effort, type Figures, measure } from '../measure.ts';

/** What HTTP alone can do: requests and answers as long as those of a measure, and nothing in between. */
export interface HttpFloor {
  measure(call: Call, answerLength: number, effort: Effort): Promise<Figures>;
  close(): void;
}

/** Starts a bare server in a process of its own. */
export async function startHttpFloor(): Promise<HttpFloor> {
  const child = fork(fileURLToPath(new URL('./http-process.ts', import.meta.url)));
  const [base] = (await once(child, 'message')) as [string];
  return {
    measure: async (call, answerLength, effort) => {
      const connections = Array.from({ length: effort.clients }, () => new Connection(base));
      const same = { ...call, path: String(answerLength) };
      try {
        return await measure(
          async (client) => (await connections[client]!.send(same)).status === 200,
          effort,
        );
      } finally {
        for (const connection of connections) connection.close();
      }
    },
    close: () => void child.disconnect(),
  };
}
