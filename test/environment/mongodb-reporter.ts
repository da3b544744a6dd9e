import { howToGiveOne } from './mongodb.ts';

/** A Jest reporter: when the run had no MongoDB, its last line says so. */
export default class MongoReporter {
  onRunComplete(): void {
    if (globalThis.foundMongo) return;
    process.stderr.write(
      `\nRan on the embedded engine only; the MongoDB half was not run. To run it: ${howToGiveOne}.\n`,
    );
  }
}
