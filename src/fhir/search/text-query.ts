import { and, not, or, type Query } from './query.ts';
import { invalid } from './values.ts';
import { isLoneCharacter, wordsWanted } from './words.ts';

/** The most words and operators of one text search. */
const mostTokens = 200;

/** A text search may be nested so deeply in parentheses. */
const deepest = 20;

/**
 * The query of `_text` (the narrative) and `_content` (the narrative and all else): words, which must all be there,
 * `OR`, `NOT`, parentheses, and words in quotes (http://hl7.org/fhir/R4/search.html#text):
 * `_text=(bone OR liver) and metastases`.
 */
export function textQuery(name: '_text' | '_content', value: string): Query {
  const tokens = value.match(/"[^"]*"?|[()]|[^\s()"]+/g) ?? [];
  if (tokens.length > mostTokens)
    throw invalid(name, { zh: `超过 ${mostTokens} 个词`, en: `more than ${mostTokens} words` });
  const reader = new TextReader(name, tokens);
  return reader.read();
}

/** Reads by precedence: NOT before AND (which may be left out) before OR. */
class TextReader {
  private at = 0;
  private depth = 0;
  private readonly name: '_text' | '_content';
  private readonly tokens: readonly string[];

  constructor(name: '_text' | '_content', tokens: readonly string[]) {
    this.name = name;
    this.tokens = tokens;
  }

  read(): Query {
    const query = this.alternatives();
    if (this.at < this.tokens.length)
      throw invalid(this.name, {
        zh: `此处不应有「${this.tokens[this.at]}」`,
        en: `"${this.tokens[this.at]}" is not expected`,
      });
    return query;
  }

  private alternatives(): Query {
    const queries = [this.conjunction()];
    while (this.takes('OR')) queries.push(this.conjunction());
    return or(queries);
  }

  private conjunction(): Query {
    const queries = [this.operand()];
    while (this.takes('AND') || this.goesOn()) queries.push(this.operand());
    return and(queries);
  }

  private operand(): Query {
    if (++this.depth > deepest)
      throw invalid(this.name, { zh: `嵌套超过 ${deepest} 层`, en: `nested deeper than ${deepest}` });
    const query = this.takes('NOT')
      ? not(this.operand())
      : this.takes('(')
        ? this.inParentheses()
        : this.words();
    this.depth--;
    return query;
  }

  private inParentheses(): Query {
    const query = this.alternatives();
    if (!this.takes(')')) throw invalid(this.name, { zh: '缺少「)」', en: 'a ")" is missing' });
    return query;
  }

  private words(): Query {
    const token = this.tokens[this.at++];
    if (token === undefined) throw invalid(this.name, { zh: '缺少词', en: 'a word is missing' });
    const words = wordsWanted(token);
    if (words.length === 0)
      throw invalid(this.name, { zh: `「${token}」不是词`, en: `"${token}" is no word` });
    if (isLoneCharacter(token))
      throw invalid(this.name, {
        zh: `「${token}」:请给出两个以上字符`,
        en: `"${token}": give two characters or more`,
      });
    return and(words.map((word) => this.word(word)));
  }

  private word(word: string): Query {
    const inNarrative: Query = { kind: 'word', word: `t|${word}` };
    return this.name === '_text' ? inNarrative : or([inNarrative, { kind: 'word', word: `c|${word}` }]);
  }

  private takes(token: string): boolean {
    const isNext = this.tokens[this.at]?.toUpperCase() === token;
    if (isNext) this.at++;
    return isNext;
  }

  private goesOn(): boolean {
    const next = this.tokens[this.at];
    return next !== undefined && next !== ')' && next.toUpperCase() !== 'OR';
  }
}
