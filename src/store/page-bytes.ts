/**
 * Tells, of one text after the other (null: a deletion), when they are together more than so many bytes: at the first
 * that is too much, which is never the first of all, since a page has at least one.
 */
export function exceeding(bytes = Number.POSITIVE_INFINITY): (text: string | null) => boolean {
  let total = 0;
  let count = 0;
  return (text) => {
    count++;
    if (bytes === Number.POSITIVE_INFINITY) return false;
    total += text === null ? 0 : Buffer.byteLength(text);
    return count > 1 && total > bytes;
  };
}

/** The first of what was found, as many as a page of `size` and `bytes` holds. */
export function pageOf<T>(
  found: readonly T[],
  textOf: (each: T) => string | null,
  { size, bytes }: { size: number; bytes: number },
): T[] {
  const exceeds = exceeding(bytes);
  const end = found.findIndex((each) => exceeds(textOf(each)));
  return found.slice(0, end < 0 ? size : Math.min(size, end));
}
