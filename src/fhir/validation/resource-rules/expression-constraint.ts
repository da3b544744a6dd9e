/** The tokens of the language; what matches none of them cannot stand in an expression. */
const token =
  /\s*(?:\/\*[^*]*\*\/\s*)*(?:(\d{6,18}(?:\s*\|[^|]*\|)?)|(!=|<=|>=|\.\.|[*:,.(){}=[\]#])|(<<!|>>!|<<|>>|<!|>!|!!>|!!<|<|>|\^)|(AND|OR|MINUS)\b|("[^"]*")|([A-Za-z][A-Za-z0-9]*)|(-?\d+(?:\.\d+)?))/iy;

type Kind = 'concept' | 'sign' | 'operator' | 'logic' | 'text' | 'word' | 'number';
interface Token {
  kind: Kind;
  text: string;
}
const kinds: readonly Kind[] = ['concept', 'sign', 'operator', 'logic', 'text', 'word', 'number'];

const longest = 10_000;
const deepest = 50;

/**
 * True of an expression of SNOMED CT's Expression Constraint Language (http://snomed.org/ecl): its grammar is
 * checked, not whether its concepts exist.
 */
export function isExpressionConstraint(text: string): boolean {
  if (text.length > longest) return false;
  const tokens = tokensOf(text);
  if (!tokens) return false;
  const reader = new Reader(tokens);
  return reader.expression(0) && reader.ended;
}

function tokensOf(text: string): Token[] | undefined {
  const tokens: Token[] = [];
  const source = text.trimEnd();
  token.lastIndex = 0;
  while (token.lastIndex < source.length) {
    const match = token.exec(source);
    if (!match) return undefined;
    const group = match.slice(1).findIndex((part) => part !== undefined);
    tokens.push({ kind: kinds[group]!, text: match[group + 1]! });
  }
  return tokens;
}

class Reader {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  get ended(): boolean {
    return this.#at === this.#tokens.length;
  }

  /** Operands joined by AND, OR, MINUS or a comma, then perhaps a refinement or attributes after dots. */
  expression(depth: number): boolean {
    if (depth > deepest || !this.#operand(depth)) return false;
    for (;;) {
      if (this.#takeKind('logic') || this.#take(',')) {
        if (!this.#operand(depth)) return false;
      } else if (this.#take('.')) {
        if (!this.#operand(depth)) return false;
      } else if (this.#take(':')) {
        if (!this.#refinement(depth)) return false;
      } else return true;
    }
  }

  #operand(depth: number): boolean {
    while (this.#takeKind('operator'));
    const read = this.#take('(')
      ? this.expression(depth + 1) && this.#take(')')
      : this.#take('*') || this.#takeKind('concept');
    return read && this.#filters();
  }

  /** `{{ … }}`: filters of terms, members or history, of which only the brackets are looked at. */
  #filters(): boolean {
    while (this.#peek() === '{' && this.#peek(1) === '{') {
      let open = 0;
      do {
        if (this.ended) return false;
        if (this.#peek() === '{') open++;
        else if (this.#peek() === '}') open--;
        this.#at++;
      } while (open > 0);
    }
    return true;
  }

  #refinement(depth: number): boolean {
    if (depth > deepest) return false;
    do {
      if (!this.#cardinality()) return false;
      const read = this.#take('{')
        ? this.#refinement(depth + 1) && this.#take('}')
        : this.#take('(')
          ? this.#refinement(depth + 1) && this.#take(')')
          : this.#attribute(depth);
      if (!read) return false;
    } while (this.#takeKind('logic') || this.#take(','));
    return true;
  }

  #attribute(depth: number): boolean {
    if (this.#peekKind() === 'word' && this.#peek()?.toUpperCase() === 'R') this.#at++;
    if (!this.#operand(depth)) return false;
    if (
      !(
        this.#take('=') ||
        this.#take('!=') ||
        this.#take('<=') ||
        this.#take('>=') ||
        this.#takeKind('operator')
      )
    ) {
      return false;
    }
    if (this.#take('#')) return this.#takeKind('number') || this.#takeKind('concept');
    return this.#takeKind('text') || this.#operand(depth + 1);
  }

  #cardinality(): boolean {
    if (!this.#take('[')) return true;
    const read =
      this.#takeKind('number') && this.#take('..') && (this.#takeKind('number') || this.#take('*'));
    return read && this.#take(']');
  }

  #peek(ahead = 0): string | undefined {
    return this.#tokens[this.#at + ahead]?.text;
  }

  #peekKind(): Kind | undefined {
    return this.#tokens[this.#at]?.kind;
  }

  #take(text: string): boolean {
    const taken = this.#peek() === text;
    if (taken) this.#at++;
    return taken;
  }

  #takeKind(kind: Kind): boolean {
    const taken = this.#peekKind() === kind;
    if (taken) this.#at++;
    return taken;
  }
}
