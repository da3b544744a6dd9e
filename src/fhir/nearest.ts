import { distance } from 'fastest-levenshtein';

/** The most candidates that are named. */
const most = 3;

/** Names longer than this are nobody's misspelling. */
const longest = 64;

/**
 * Those of the valid names that a name is probably a misspelling of, the nearest first: at most a third of it is
 * different, or it is the beginning of one.
 */
export function nearest(name: string, valid: readonly string[]): string[] {
  if (name === '' || name.length > longest) return [];
  const wanted = name.toLowerCase();
  return valid
    .map((each) => {
      const far = difference(wanted, each.toLowerCase());
      const isNear = far <= Math.max(1, Math.floor(name.length / 3));
      return { each, far: isNear ? far : wanted.length >= 3 && each.startsWith(wanted) ? name.length : -1 };
    })
    .filter(({ far }) => far >= 0)
    .sort((a, b) => a.far - b.far || (a.each < b.each ? -1 : 1))
    .slice(0, most)
    .map(({ each }) => each);
}

/** How many letters are wrong, too many or too few; two that stand in each other's place are one mistake. */
function difference(one: string, other: string): number {
  return isSwapped(one, other) ? 1 : distance(one, other);
}

function isSwapped(one: string, other: string): boolean {
  if (one.length !== other.length) return false;
  const at = [...one].findIndex((letter, index) => letter !== other[index]);
  return at >= 0 && one.slice(0, at) + one[at + 1] + one[at] + one.slice(at + 2) === other;
}
