import { institutionName, stateName } from '../../examples/institutions.ts';
import type { Sequence, SequenceRequest } from '../../examples/sequence.ts';
import { type Html, html } from '../../html/html.ts';
import type { Language } from './language.ts';
import { addressOf } from './layout.ts';

const words = {
  zh: {
    nobody: '不属于任何一方的客户端',
    sends: '发送',
    instead: '其中替换',
    owes: '下一步由',
    refused: '被拒绝',
  },
  en: {
    nobody: 'A client that is neither side',
    sends: 'Sends',
    instead: 'with, instead,',
    owes: 'the next step is owed by',
    refused: 'refused',
  },
} as const;

/** The requests of a sequence: who makes each, what is sent, and what it is answered. */
export function requestsOf({ requests }: Sequence, language: Language): Html {
  return html`<ol class="requests">${requests.map(
    (request) => html`<li>${toldRequest(request, language)}</li>
`,
  )}</ol>`;
}

function toldRequest(
  { text, actor, method, url, body, file, instead = {}, answer }: SequenceRequest,
  language: Language,
): Html {
  const own = words[language];
  const replaced = Object.entries(instead);
  const who = actor === undefined ? own.nobody : institutionName(actor)[language];
  return html`<p><strong>${who}</strong>: ${text[language]}</p>
<pre><code>${method} ${url}${actor !== undefined && `\nX-Acting-Organization: ${actor}`}${body !== undefined && `\n\n${JSON.stringify(body, null, 2)}`}</code></pre>
${file !== undefined && html`<p>${own.sends} <a href="${addressOf(`examples/${file}`, language)}">${file}</a>${replaced.length > 0 && html`, ${own.instead} ${replaced.map(([from, to]) => html`<code>${from}</code> → <code>${to}</code> `)}`}</p>`}
<p>→ <code>${answer.status}</code>${answer.errors && html` ${own.refused}: ${answer.errors.map((code) => html`<code>${code}</code> `)}`}${answer.state !== undefined && html` <code>${answer.state}</code>${language === 'zh' && ` ${stateName(answer.state)}`}`}${answer.waitingFor !== undefined && html`; ${own.owes} ${institutionName(answer.waitingFor)[language]}`}</p>`;
}
