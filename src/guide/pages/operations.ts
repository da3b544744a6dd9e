import { elements, string } from '../../fhir/elements.ts';
import type { Element, Resource } from '../../fhir/resource.ts';
import { type Html, html } from '../../html/html.ts';
import { inLanguage, type Language } from './language.ts';
import { chapterName } from './layout.ts';
import type { Page } from './page.ts';
import type { Source } from './source.ts';
import { paragraphs } from './text.ts';

const words = {
  zh: {
    title: '操作',
    lead: '在 FHIR 的读写和检索之外,可以调用这些操作;完整的接口说明见 API。',
    in: '参数',
    out: '返回',
    none: '无',
    reads: '不改变任何内容,可用 GET',
  },
  en: {
    title: 'Operations',
    lead: 'What can be called beside reading, writing and searching by FHIR; the whole interface is described under API.',
    in: 'Takes',
    out: 'Gives',
    none: 'nothing',
    reads: 'Changes nothing; GET is allowed',
  },
} as const;

/** The operations, with their parameters, on one page. */
export function operationPages(source: Source, base: string, language: Language): Page[] {
  const own = words[language];
  const operations = source.resources('OperationDefinition');
  const titleOf = ({ title }: Resource) => inLanguage(String(title), language);
  return [
    {
      path: 'operations',
      title: own.title,
      chapter: chapterName('operations', language),
      body: html`<p>${own.lead}</p>
<ol class="contents">${operations.map((each) => html`<li><a href="#${each.id}"><code>$${String(each.code)}</code> ${titleOf(each)}</a></li>`)}</ol>
${operations.map((each) => section(each, titleOf(each), base, language))}`,
      finds: operations.map((each) => ({
        title: `$${each.code} ${titleOf(each)}`,
        text: inLanguage(String(each.description ?? ''), language),
        anchor: each.id!,
      })),
    },
  ];
}

function section(operation: Resource, title: string, base: string, language: Language): Html {
  const own = words[language];
  const parameters = (use: string) => elements(operation, 'parameter').filter((each) => each.use === use);
  return html`<section id="${operation.id}">
<h2><code>$${String(operation.code)}</code> ${title}</h2>
<p>${addressesOf(operation, base).map((address) => html`<code>POST ${address}</code><br>`)}
${operation.affectsState === false && own.reads}</p>
${paragraphs(inLanguage(String(operation.description ?? ''), language))}
<h3>${own.in}</h3>${list(parameters('in'), language)}
<h3>${own.out}</h3>${list(parameters('out'), language)}
</section>`;
}

/** Where an operation is called: on the system, a type, an instance. */
function addressesOf({ system, type, instance, resource, code }: Resource, base: string): string[] {
  const types = Array.isArray(resource) ? (resource as string[]) : [];
  return [
    ...(system === true ? [`${base}/$${code}`] : []),
    ...types.flatMap((each) => [
      ...(type === true ? [`${base}/${each}/$${code}`] : []),
      ...(instance === true ? [`${base}/${each}/[id]/$${code}`] : []),
    ]),
  ];
}

function list(parameters: readonly Element[], language: Language): Html {
  if (parameters.length === 0) return html`<p>${words[language].none}</p>`;
  return html`<dl>${parameters.map((parameter) => item(parameter, language))}</dl>`;
}

function item(parameter: Element, language: Language): Html {
  const { name, type, min, max } = parameter;
  const parts = elements(parameter, 'part');
  return html`<dt><code>${String(name)}</code> ${type as string | undefined} ${String(min)}..${String(max)}</dt>
<dd>${inLanguage(string(parameter, 'documentation') ?? '', language)}${parts.length > 0 && html`<dl>${parts.map((part) => item(part, language))}</dl>`}</dd>`;
}
