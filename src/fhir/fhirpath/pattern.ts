import type { Scope } from './scope.ts';

const compiled = new Map<string, RegExp>();
const mostBacktracking = 2e7;

/**
 * The regular expression of `matches` and `replaceMatches`, where `.` stands for any character. Throws a SyntaxError
 * when it is none, and a RangeError when an author who is not trusted gives one that may take long on this text.
 */
export function patternOf(
  source: string,
  flags: '' | 'g',
  subject: string,
  scope: Pick<Scope, 'trusted'>,
): RegExp {
  if (!scope.trusted && backtracking(source, subject.length) > mostBacktracking)
    throw new RangeError('The regular expression may take too long');
  const key = `${flags}/${source}`;
  let pattern = compiled.get(key);
  if (!pattern) {
    pattern = regularExpression(source, flags);
    if (compiled.size >= 500) compiled.clear();
    compiled.set(key, pattern);
  }
  pattern.lastIndex = 0;
  return pattern;
}

/** Some patterns of R4 leave brackets unescaped, which JavaScript takes only outside of its Unicode mode. */
function regularExpression(source: string, flags: string): RegExp {
  try {
    return new RegExp(source, `us${flags}`);
  } catch {
    return new RegExp(source, `s${flags}`);
  }
}

/**
 * An upper bound of the ways in which a pattern can be tried on a text: the choices of every repetition, option and
 * alternative multiplied. Infinite where that bound does not hold: for repeated groups, references back, looking around.
 */
function backtracking(source: string, length: number): number {
  if (source.length > 500) return Number.POSITIVE_INFINITY;
  const plain = source.replace(/\\[^1-9k]/g, 'x').replace(/\[(?:[^\]\\]|\\.)*\]/g, 'x');
  if (/\\|\(\?[^:]|\)[*+{]/.test(plain)) return Number.POSITIVE_INFINITY;
  let ways = length + 1;
  for (const [token, least, comma, most] of plain.matchAll(/[*+?|]|\{(\d+)(,?)(\d*)\}/g)) {
    if (token === '*' || token === '+' || (comma && !most)) ways *= length + 1;
    else if (token === '?' || token === '|') ways *= 2;
    else if (most) ways *= Math.max(1, Number(most) - Number(least) + 1);
  }
  return ways;
}
