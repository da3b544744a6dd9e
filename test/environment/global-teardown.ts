import { endLogs } from './logs.ts';
import { howToGiveOne } from './mongodb.ts';

/**
 * After all tests: ends what the global setup started; when there was none, the last line says so. Fails where a log of
 * any of their servers names a patient of the examples.
 */
export default async function globalTeardown(): Promise<void> {
  await globalThis.startedOracle?.stop();
  if (globalThis.foundMongo) await globalThis.foundMongo.stop();
  else
    process.stderr.write(
      `\nRan on the embedded engine only; the MongoDB half was not run. To run it: ${howToGiveOne}.\n`,
    );
  endLogs();
}
