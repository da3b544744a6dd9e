import { refusals, refuse } from '../refusal.ts';
import { type Digits, digits } from './digits.ts';

/** Number literals that JavaScript would print in another way: `1.50`, `1e3`, `-0`, or more than 15 digits. */
const unusualNumber = /[\d.]\d*\.\d*0[\s,}\]]|\d[eE]|-0[\s,}\]]|\d[\d.]{15}/;

const quote = 0x22;
const backslash = 0x5c;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const colon = 0x3a;

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** The text of a body; refuses bytes that are not UTF-8 (`refusals.invalidJson`). */
export function decodeText(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw refuse(refusals.invalidJson, ['the body is not UTF-8']);
  }
}

/**
 * Parses JSON that a client sent. Refuses (`refusals.invalidJson`) what is not JSON, what is nested deeper than
 * `depth`, and objects that name a member twice, which JSON parsers otherwise silently drop. Decimals keep their
 * digits for `serialise`. Costs one native parse and one scan of the text.
 */
export function parseJson(text: string, depth: number): unknown {
  let value: unknown;
  try {
    value = unusualNumber.test(text) ? JSON.parse(text, keepDigits) : JSON.parse(text);
  } catch (error) {
    throw refuse(refusals.invalidJson, [syntaxProblem(error as SyntaxError)]);
  }
  checkNesting(text, depth);
  return value;
}

function keepDigits(this: Digits, name: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value === 'number') {
    const source = context!.source!;
    if (String(value) !== source) remember(this)[name] = source;
  } else if (typeof value === 'object' && value !== null && digits in value) {
    remember(this);
  }
  return value;
}

function remember(holder: Digits): Record<string, string> {
  if (!holder[digits]) {
    // Enumerable, so that spreading copies it; a symbol, so that nothing else sees it.
    holder[digits] = {};
  }
  return holder[digits];
}

/** V8's message quotes the input, which may name a patient: only the position is passed on. */
function syntaxProblem(error: SyntaxError): string {
  const position = /position (\d+)/.exec(error.message)?.[1];
  return position ? `syntax error at position ${position}` : 'syntax error or unexpected end';
}

/** Walks text that is known to be JSON, for what the native parser does not check. */
function checkNesting(text: string, limit: number): void {
  const names: (Set<string> | null)[] = [];
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case openBrace:
        names.push(new Set());
        break;
      case openBracket:
        names.push(null);
        break;
      case closeBrace:
      case closeBracket:
        names.pop();
        continue;
      case quote: {
        const end = endOfString(text, at);
        const siblings = names.at(-1);
        if (siblings && followedByColon(text, end)) {
          const name = text.slice(at + 1, end);
          if (siblings.has(name))
            throw refuse(refusals.invalidJson, [`the member "${name.slice(0, 64)}" occurs twice`]);
          siblings.add(name);
        }
        at = end;
        continue;
      }
      default:
        continue;
    }
    if (names.length > limit) throw refuse(refusals.invalidJson, [`nested deeper than ${limit} levels`]);
  }
}

function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); ; end = text.indexOf('"', end + 1)) {
    let escapes = 0;
    while (text.charCodeAt(end - 1 - escapes) === backslash) escapes++;
    if (escapes % 2 === 0) return end;
  }
}

function followedByColon(text: string, end: number): boolean {
  let next = end + 1;
  while (text.charCodeAt(next) <= 0x20) next++;
  return text.charCodeAt(next) === colon;
}
