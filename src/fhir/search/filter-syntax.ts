import type { Text } from '../outcome.ts';
import { invalid } from './values.ts';

/** A `_filter` as it is written (http://hl7.org/fhir/R4/search_filter.html). */
export type Filter =
  | { kind: 'and' | 'or'; of: [Filter, Filter] }
  | { kind: 'not'; of: Filter }
  | { kind: 'test'; path: readonly PathPart[]; operator: Operator; value: string };

/** A name on the way to the values, with what must hold of the elements or resources on that way. */
export interface PathPart {
  name: string;
  filter?: Filter;
}

const operators = [
  ...(['eq', 'ne', 'co', 'sw', 'ew', 'gt', 'lt', 'ge', 'le', 'ap', 'sa', 'eb', 'pr', 'po'] as const),
  ...(['ss', 'sb', 'in', 'ni', 're'] as const),
] as const;
export type Operator = (typeof operators)[number];

const longest = 10_000;
const deepest = 30;

/** Parses a `_filter`. Refuses what is not of its grammar, saying where. */
export function parseFilter(text: string): Filter {
  if (text.length > longest)
    throw invalid('_filter', { zh: `超过 ${longest} 个字符`, en: `longer than ${longest} characters` });
  const parser = new FilterParser(text);
  return parser.parse();
}

/** "Logical expressions are evaluated left to right, with no precedence between and and or." */
class FilterParser {
  private at = 0;
  private depth = 0;
  private readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  parse(): Filter {
    const filter = this.logical();
    if (this.at < this.text.length)
      throw this.problem({ zh: '「and」、「or」或结尾', en: '"and", "or" or the end' });
    return filter;
  }

  private logical(): Filter {
    if (++this.depth > deepest)
      throw invalid('_filter', { zh: `嵌套超过 ${deepest} 层`, en: `nested deeper than ${deepest}` });
    let filter = this.operand();
    for (let word = this.eat(/(and|or)(?![\w-])/iy); word; word = this.eat(/(and|or)(?![\w-])/iy))
      filter = { kind: word.toLowerCase() as 'and' | 'or', of: [filter, this.operand()] };
    this.depth--;
    return filter;
  }

  private operand(): Filter {
    if (this.eat(/not\s*(?=\()/iy)) return { kind: 'not', of: this.operand() };
    if (this.eat(/\(/y)) {
      const filter = this.logical();
      if (!this.eat(/\)/y)) throw this.problem({ zh: '「)」', en: '")"' });
      return filter;
    }
    return this.test();
  }

  private test(): Filter {
    const path = this.path();
    const operator = this.eat(/[a-z]{2}(?!\w)/y) as Operator | undefined;
    if (!operator || !operators.includes(operator))
      throw this.problem({ zh: operators.join('、'), en: `one of ${operators.join(', ')}` });
    return { kind: 'test', path, operator, value: this.value() };
  }

  private path(): PathPart[] {
    const parts: PathPart[] = [];
    do {
      const name = this.eat(/[A-Za-z_][A-Za-z0-9_-]*(?::[A-Za-z]+)?/y);
      if (!name) throw this.problem({ zh: '参数名', en: 'the name of a parameter' });
      if (this.eat(/\[/y)) {
        const filter = this.logical();
        if (!this.eat(/\]/y)) throw this.problem({ zh: '「]」', en: '"]"' });
        parts.push({ name, filter });
      } else parts.push({ name });
    } while (this.eat(/\./y));
    return parts;
  }

  private value(): string {
    const quoted = this.eat(/"(?:[^"\\]|\\.)*"/y);
    if (quoted) {
      try {
        return JSON.parse(quoted) as string;
      } catch {
        throw this.problem({ zh: 'JSON 字符串', en: 'a JSON string' });
      }
    }
    const token = this.eat(/[^\s)\]"][^\s)\]]*/y);
    if (!token) throw this.problem({ zh: '值', en: 'a value' });
    return token;
  }

  /** Takes what the sticky pattern matches here, and the space after it. */
  private eat(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const match = pattern.exec(this.text);
    if (!match) return undefined;
    this.at = pattern.lastIndex;
    while (/\s/.test(this.text[this.at] ?? '')) this.at++;
    return match[0].trim();
  }

  private problem(expected: Text): Error {
    const here = this.text.slice(this.at, this.at + 30);
    return invalid('_filter', {
      zh: `${here ? `在「${here}」处` : '结尾处'}应为 ${expected.zh}`,
      en: `${expected.en} is expected at ${here ? `"${here}"` : 'the end'}`,
    });
  }
}
