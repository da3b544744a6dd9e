import { beginLogs } from './logs.ts';
import { type FoundMongo, findMongo, howToGiveOne } from './mongodb.ts';
import { type Oracle, startOracle } from './oracle.ts';

declare global {
  var foundMongo: FoundMongo | undefined;
  var startedOracle: Oracle | undefined;
}

/** What Jest tells of the run: the patterns that its test files are chosen by. */
interface RunConfig {
  testPathPatterns: { patterns: readonly string[] };
}

/** Before all tests: finds or starts what they share, a MongoDB, HL7's engines, a place for logs. The workers inherit the variables. */
export default async function globalSetup({ testPathPatterns }: RunConfig): Promise<void> {
  beginLogs();
  globalThis.foundMongo = await findMongo();
  if (globalThis.foundMongo) process.env.TEST_MONGODB_URI = globalThis.foundMongo.uri;
  else if (process.env.REQUIRE_MONGODB === '1')
    throw new Error(`REQUIRE_MONGODB=1, but there is no MongoDB for the tests: ${howToGiveOne}`);
  // It takes seconds to start, so a run of some test files does without, unless they are those that ask it.
  const asked =
    testPathPatterns.patterns.length === 0 ||
    testPathPatterns.patterns.some((each) => each.includes('conformance'));
  if (asked) globalThis.startedOracle = await startOracle();
  if (globalThis.startedOracle) process.env.ORACLE_URL = globalThis.startedOracle.url;
}
