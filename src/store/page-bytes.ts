/**
 * Tells, of one text after the other (null: a deletion), when they are together more than so many bytes: at the first
 * that is too much, which is never the first of all, since a page has at least one.
 */
export function exceeding(bytes = Number.POSITIVE_INFINITY): (text: string | null) => boolean {
  // As many as they can be, until that might be too much: to count those of a Chinese text costs as much as to read it.
  let atMost = 0;
  let uncounted: string[] = [];
  let count = 0;
  return (text) => {
    count++;
    if (bytes === Number.POSITIVE_INFINITY) return false;
    if (text !== null) {
      uncounted.push(text);
      atMost += text.length * mostBytes;
    }
    if (atMost <= bytes) return false;
    for (const each of uncounted) atMost -= each.length * mostBytes - Buffer.byteLength(each);
    uncounted = [];
    return count > 1 && atMost > bytes;
  };
}

/** Of one character in UTF-8, as JavaScript counts characters. */
const mostBytes = 3;

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
