import { Connection } from './connection.ts';
import { loadBundles } from './population/bundles.ts';

const loaders = 4;

/** Loads the patients and their referrals through the API. Throws with the server's outcome when it refuses one. */
export async function load(base: string, patients: number): Promise<void> {
  const bundles = loadBundles(patients);
  const first = new Connection(base);
  await post(first, bundles.next().value as string);
  first.close();
  await Promise.all(
    Array.from({ length: loaders }, async () => {
      const connection = new Connection(base);
      for (const bundle of bundles) await post(connection, bundle);
      connection.close();
    }),
  );
}

async function post(connection: Connection, body: string): Promise<void> {
  const answer = await connection.send({ method: 'POST', path: '', body });
  if (answer.status !== 200)
    throw new Error(`The load was refused: ${answer.body.toString().slice(0, 2_000)}`);
}
