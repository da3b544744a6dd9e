import fhirpath from 'fhirpath';

/** A node of the syntax tree, as the parser of fhirpath.js gives it. */
export interface Syntax {
  type: string;
  text?: string;
  /** Of an external constant written in quotes or backquotes. */
  delimitedText?: string;
  /** Of a quantity literal. */
  value?: string;
  unit?: string;
  children?: Syntax[];
}

/** What an expression from a stranger may be at most. */
const longest = 2000;
const deepest = 30;

/**
 * Parses a FHIRPath expression. Throws a SyntaxError when it is none. `bounded` also refuses those that are too long
 * or too deeply nested, before they are parsed.
 */
export function parse(expression: string, bounded: boolean): Syntax {
  if (bounded) {
    if (expression.length > longest)
      throw new SyntaxError(`The expression is longer than ${longest} characters`);
    if (nesting(expression) > deepest) throw new SyntaxError('The expression is too deeply nested');
  }
  try {
    return fhirpath.parse(expression) as Syntax;
  } catch (error) {
    throw new SyntaxError(error instanceof Error ? error.message : String(error));
  }
}

function nesting(expression: string): number {
  let depth = 0;
  let deepestSeen = 0;
  for (const character of expression) {
    if (character === '(' || character === '[' || character === '{')
      deepestSeen = Math.max(deepestSeen, ++depth);
    else if (character === ')' || character === ']' || character === '}') depth--;
  }
  return deepestSeen;
}

/** The text of a string literal or of a name in backquotes, without its quotes and escapes. */
export function unquoted(text: string): string {
  const quote = text[0];
  if ((quote !== "'" && quote !== '`') || text.at(-1) !== quote) return text;
  return text.slice(1, -1).replace(/\\(u[0-9a-fA-F]{4}|.)/gs, (_, escape: string) => {
    if (escape.length > 1) return String.fromCharCode(Number.parseInt(escape.slice(1), 16));
    return { r: '\r', n: '\n', t: '\t', f: '\f' }[escape] ?? escape;
  });
}
