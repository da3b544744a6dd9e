import type { Text } from '../outcome.ts';
import { type Refusal, refusals, refuse } from '../refusal.ts';
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
const comma = 0x2c;
const zero = 0x30;
const nine = 0x39;

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** The text of a body; refuses bytes that are not UTF-8 (`refusals.invalidJson`). */
export function decodeText(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw refuse(refusals.invalidJson, [
      { zh: '请求体不是 UTF-8(是否 GBK?)', en: 'the body is not UTF-8 (is it GBK?)' },
    ]);
  }
}

/**
 * Parses JSON that a client sent. Refuses (`refusals.invalidJson`) what is not JSON, what is nested deeper than
 * `depth`, objects that name a member twice, which JSON parsers otherwise silently drop, and members that would stand in
 * front of what every object of JavaScript has, such as `toString`. Decimals keep their digits for `serialise`. Costs one
 * native parse and one scan of the text.
 */
export function parseJson(text: string, depth: number): unknown {
  if (text.length > largeText) checkBounds(text, depth);
  let value: unknown;
  try {
    value = readJson(text);
  } catch (error) {
    throw refuse(refusals.invalidJson, [syntaxProblem(text, error as SyntaxError)]);
  }
  checkNesting(text, depth);
  return value;
}

/** Parses JSON that is known to be well-formed, such as an answer or what is stored; decimals keep their digits. */
export function readJson(text: string): unknown {
  return unusualNumber.test(text) ? JSON.parse(text, keepDigits) : JSON.parse(text);
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

/** V8's message quotes the input, which may name a patient: only the place is passed on, and what is probably meant. */
function syntaxProblem(text: string, error: SyntaxError): Text {
  const stated = /position (\d+)/.exec(error.message)?.[1];
  // Of a character that begins no value V8 tells no place.
  const isNoValue = stated === undefined && !/end of/.test(error.message);
  const found = isNoValue ? noValueAt(text) : undefined;
  if (isNoValue && found === undefined)
    return { zh: '语法错误:有不能识别的内容', en: 'a syntax error: something is no JSON value' };
  const position = found ?? (stated === undefined ? text.trimEnd().length : Number(stated));
  const before = text.slice(0, position);
  const line = before.split('\n').length;
  const column = position - before.lastIndexOf('\n');
  const { zh, en } = probableCause(text, position, before.trimEnd().at(-1));
  return { zh: `第 ${line} 行第 ${column} 列${zh}`, en: `line ${line}, column ${column}${en}` };
}

const value = /(?:true|false|null|[-+.\deE]+)(?!\w)/y;

/** Where a value begins that is none, as `True` or a text without quotes; undefined when that is far into the text. */
function noValueAt(text: string): number | undefined {
  for (let at = 0; at < Math.min(text.length, largeText); at++) {
    const character = text[at]!;
    if (/[\s{}[\]:,]/.test(character)) continue;
    if (character === '"') {
      at = endOfString(text, at);
      if (at < 0) return undefined;
      continue;
    }
    value.lastIndex = at;
    if (!value.test(text)) return at;
    at = value.lastIndex - 1;
  }
  return undefined;
}

/** The mistakes that people make in JSON, by the character that the parser stopped at and the one before it. */
function probableCause(text: string, position: number, before: string | undefined): Text {
  const at = text[position];
  if (text.trim() === '') return { zh: ':内容为空', en: ': there is nothing' };
  if (at === undefined || position >= text.trimEnd().length)
    return { zh: ':意外结束,是否缺少 } 或 ]', en: ': it ends too soon; is a } or ] missing?' };
  if (at === "'") return { zh: ':须用双引号', en: ': double quotes are needed' };
  if ((at === '}' || at === ']') && before === ',')
    return { zh: `:${at} 前多了逗号`, en: `: there is a comma before the ${at}` };
  if (at === '"') return { zh: ':是否缺少逗号', en: ': is a comma missing?' };
  if (/[\u201c\u201d\u2018\u2019\uff1a\uff0c]/.test(at))
    return { zh: ':用了全角标点', en: ': a full-width quote, colon or comma' };
  if (at === '/') return { zh: ':JSON 没有注释', en: ': JSON has no comments' };
  if (at < ' ')
    return { zh: ':字符串中不能换行,应写作 \\n', en: ': a text cannot go over a line; write \\n' };
  if (/\w/.test(at) && (before === '{' || before === ','))
    return { zh: ':成员名须加双引号', en: ': the name of a member needs double quotes' };
  if (/[A-Za-z\u0080-\uffff]/.test(at))
    return {
      zh: ':有不能识别的内容;文本须加双引号,true、false、null 须小写',
      en: ': something is no JSON value; a text needs double quotes, and true, false, null small letters',
    };
  return { zh: ':语法错误', en: ': a syntax error' };
}

/** From so many characters on a text is looked through before it is parsed. */
const largeText = 262_144;

/** The most values, members and items together, of one body: the largest of R4's examples has a tenth of them. */
export const mostValues = 500_000;

/** The most digits in a row of a number in a large text: FHIR asks for 18, and millions take the parser long. */
export const mostDigits = 1_000;

/**
 * Looks through a large text, be it JSON or not, and refuses what would hold the thread long: too deep, of too many
 * values, or with a number of too many digits. Ends where the first of them is found.
 */
function checkBounds(text: string, limit: number): void {
  let depth = 0;
  let values = 0;
  let digitsInRow = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text.charCodeAt(at);
    if (character >= zero && character <= nine) {
      if (++digitsInRow > mostDigits) throw tooManyDigits();
      continue;
    }
    digitsInRow = 0;
    switch (character) {
      case openBrace:
      case openBracket:
        if (++depth > limit) throw tooDeep(limit);
        break;
      case closeBrace:
      case closeBracket:
        depth--;
        break;
      case comma:
        if (++values > mostValues) throw refuse(refusals.tooManyValues, [String(mostValues)]);
        break;
      case quote:
        at = endOfString(text, at);
        // The parser says what is wrong.
        if (at < 0) return;
        break;
    }
  }
}

function tooDeep(limit: number): Refusal {
  return refuse(refusals.invalidJson, [
    { zh: `嵌套超过 ${limit} 层`, en: `nested deeper than ${limit} levels` },
  ]);
}

function tooManyDigits(): Refusal {
  return refuse(refusals.invalidJson, [
    { zh: `有超过 ${mostDigits} 位的数字`, en: `a number of more than ${mostDigits} digits` },
  ]);
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
          const name = memberName(text, at, end);
          if (siblings.has(name)) throw occursTwice(name);
          if (name in Object.prototype) throw noElementName(name);
          siblings.add(name);
        }
        at = end;
        continue;
      }
      default:
        continue;
    }
    if (names.length > limit) throw tooDeep(limit);
  }
}

/** The name of a member, which may be written with escapes, from its first quote to its last. */
function memberName(text: string, start: number, end: number): string {
  const name = text.slice(start + 1, end);
  return name.includes('\\') ? (JSON.parse(text.slice(start, end + 1)) as string) : name;
}

function occursTwice(name: string): Refusal {
  const shown = name.slice(0, 64);
  return refuse(refusals.invalidJson, [
    { zh: `成员「${shown}」出现了两次`, en: `the member "${shown}" occurs twice` },
  ]);
}

/** No element of FHIR is called so; an object with such a member could be made neither a text nor a number. */
function noElementName(name: string): Refusal {
  return refuse(refusals.invalidJson, [
    {
      zh: `成员「${name}」:FHIR 没有叫这个名字的元素`,
      en: `the member "${name}": no element of FHIR is called so`,
    },
  ]);
}

/** Where the string that starts here ends; -1 where it does not. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); ; end = text.indexOf('"', end + 1)) {
    if (end < 0) return end;
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
