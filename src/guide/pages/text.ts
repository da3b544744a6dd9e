import { type Html, html } from '../../html/html.ts';

/** A text of several paragraphs, with lists where lines begin with a dash, and code between backticks. */
export function paragraphs(text: string): Html {
  return html`${text.split(/\n{2,}/).map((paragraph) => {
    const lines = paragraph.split('\n');
    const items = lines.filter((line) => line.startsWith('- '));
    const before = lines.filter((line) => !line.startsWith('- ')).join('\n');
    return html`${before !== '' && html`<p>${inline(before)}</p>`}${items.length > 0 && html`<ul>${items.map((item) => html`<li>${inline(item.slice(2))}</li>`)}</ul>`}
`;
  })}`;
}

function inline(text: string): Html {
  return html`${text.split('`').map((part, at) => (at % 2 === 1 ? html`<code>${part}</code>` : part))}`;
}
