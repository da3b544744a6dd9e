import type { SQLInputValue } from 'node:sqlite';

/** A piece of SQL with the values of its `?`, in order. The text depends on the shape of a query only. */
export interface Sql {
  text: string;
  values: readonly SQLInputValue[];
}

/** Template tag: pieces of SQL are spliced in, everything else is bound as a value. */
export function sql(strings: TemplateStringsArray, ...parts: readonly (Sql | string | number | null)[]): Sql {
  let text = strings[0]!;
  const values: SQLInputValue[] = [];
  for (const [index, part] of parts.entries()) {
    if (typeof part === 'object' && part !== null) {
      text += part.text;
      // One by one: a call takes no more arguments than the stack has room for.
      for (const value of part.values) values.push(value);
    } else {
      text += '?';
      values.push(part);
    }
    text += strings[index + 1]!;
  }
  return { text, values };
}

/** SQL text that needs no values; never made of anything that a client sent. */
export function literal(text: string): Sql {
  return { text, values: [] };
}

/**
 * Joins conditions by AND or OR, as a balanced tree of parentheses: SQLite bounds the depth of an expression
 * (https://sqlite.org/limits.html#max_expr_depth), and a plain chain of 1000 conditions would be that deep.
 */
export function join(conditions: readonly Sql[], operator: 'AND' | 'OR'): Sql {
  if (conditions.length === 0) return literal(operator === 'AND' ? '1' : '0');
  if (conditions.length === 1) return conditions[0]!;
  const middle = conditions.length >> 1;
  const left = join(conditions.slice(0, middle), operator);
  const right = join(conditions.slice(middle), operator);
  return sql`(${left} ${literal(operator)} ${right})`;
}

/** Joins pieces by commas. */
export function list(pieces: readonly Sql[]): Sql {
  return {
    text: pieces.map((piece) => piece.text).join(', '),
    values: pieces.flatMap((piece) => piece.values),
  };
}
