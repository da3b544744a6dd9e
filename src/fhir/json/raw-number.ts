/** A number that is written with just these digits. JSON.rawJSON is in Node 22, but not yet in TypeScript's library. */
export const rawNumber = (JSON as unknown as { rawJSON(digits: string): unknown }).rawJSON;
