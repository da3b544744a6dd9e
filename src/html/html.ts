import { escaped } from './escaped.ts';

/** A piece of HTML, as `html` makes it. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What can stand in HTML: pieces of it, texts that stand for themselves, lists, and nothing (`false`, `undefined`). */
export type Content = Html | string | number | false | undefined | readonly Content[];

/** HTML with values in it. A value is escaped unless it is HTML itself, so that no text becomes markup by mistake. */
export function html(parts: TemplateStringsArray, ...values: readonly Content[]): Html {
  return new Html(parts.map((part, at) => part + textOf(values[at])).join(''));
}

function textOf(content: Content): string {
  if (content === undefined || content === false) return '';
  if (content instanceof Html) return content.text;
  if (typeof content === 'object') return content.map(textOf).join('');
  return escaped(String(content));
}
