import { type FoundMongo, findMongo, howToGiveOne } from './mongodb.ts';

declare global {
  var foundMongo: FoundMongo | undefined;
}

/** Before all tests: finds or starts the one MongoDB that they share. The workers inherit the variable. */
export default async function globalSetup(): Promise<void> {
  globalThis.foundMongo = await findMongo();
  if (globalThis.foundMongo) process.env.TEST_MONGODB_URI = globalThis.foundMongo.uri;
  else if (process.env.REQUIRE_MONGODB === '1')
    throw new Error(`REQUIRE_MONGODB=1, but there is no MongoDB for the tests: ${howToGiveOne}`);
}
