/**
 * The tokens of a JSON Pointer (RFC 6901): `/name/0/~1` → `name`, `0`, `/`. Throws a SyntaxError when it is none, or
 * when it names what no resource has and JavaScript treats in a way of its own.
 */
export function parsePointer(pointer: string): string[] {
  if (pointer === '') return [];
  if (!pointer.startsWith('/')) throw new SyntaxError('a pointer starts with "/"');
  if (/~(?![01])/.test(pointer)) throw new SyntaxError('"~" is written as "~0" in a pointer');
  const tokens = pointer
    .slice(1)
    .split('/')
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
  if (tokens.includes('__proto__')) throw new SyntaxError('"__proto__" is not a member of a resource');
  return tokens;
}

/** The position that a token stands for in a list of this length; undefined when it stands for none. */
export function positionOf(token: string, length: number): number | undefined {
  if (token === '-') return length;
  return /^(0|[1-9]\d{0,8})$/.test(token) ? Number(token) : undefined;
}
