/** After all tests: ends the MongoDB that the global setup started. */
export default async function globalTeardown(): Promise<void> {
  await globalThis.foundMongo?.stop();
}
