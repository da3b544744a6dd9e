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
const longest = 1000;
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
    return fhirpath.parse(withNamesQuoted(expression)) as Syntax;
  } catch (error) {
    throw new SyntaxError(error instanceof Error ? error.message : String(error));
  }
}

/** Operators that are also names of elements (`Narrative.div`): after a point they are names, which the grammar wants quoted. */
function withNamesQuoted(expression: string): string {
  if (!/\.\s*(?:div|mod)\b/.test(expression)) return expression;
  return expression.replace(
    /'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`|(\.\s*)(div|mod)\b/gs,
    (whole, point: string | undefined, name: string) => (point ? `${point}\`${name}\`` : whole),
  );
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
  return text.slice(1, -1).replace(/\\(u[0-9a-fA-F]{4}|.)/gs, (_, code: string) => {
    if (code.length > 1) return String.fromCharCode(Number.parseInt(code.slice(1), 16));
    return { r: '\r', n: '\n', t: '\t', f: '\f' }[code] ?? code;
  });
}

/** The name of a member or of a function that is invoked. */
export function nameOf(invocation: Syntax): string {
  return unquoted(invocation.children![0]!.text!);
}

/** The name of the function that is called here; undefined of all else. */
export function nameOfFunction({ type, children }: Syntax): string | undefined {
  const name = type === 'FunctionInvocation' ? children?.[0]?.children?.[0]?.text : undefined;
  return name === undefined ? undefined : unquoted(name);
}
