/** Resolves once the server at this base says that it can serve. */
export async function untilReadable(base: string): Promise<void> {
  for (let isReady = false; !isReady; ) isReady = (await fetch(new URL('/readyz', base))).ok;
}
