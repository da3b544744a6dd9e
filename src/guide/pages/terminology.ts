import { elements, string } from '../../fhir/elements.ts';
import type { Element, Resource } from '../../fhir/resource.ts';
import { type Html, html } from '../../html/html.ts';
import { inLanguage, type Language } from './language.ts';
import { addressOf, chapterName } from './layout.ts';
import type { Page } from './page.ts';
import type { Source } from './source.ts';
import { paragraphs } from './text.ts';

const words = {
  zh: {
    title: '术语',
    lead: '代码系统、值集和对照表。完整展开用 ValueSet/$expand,翻译用 ConceptMap/$translate。',
    CodeSystem: '代码系统',
    ValueSet: '值集',
    ConceptMap: '对照表',
    code: '代码',
    display: '名称',
    from: '取自',
    filter: '条件',
    fragment: '此处只有一部分代码',
    target: '对应',
  },
  en: {
    title: 'Terminology',
    lead: 'Code systems, value sets and concept maps. ValueSet/$expand gives what is in a value set, ConceptMap/$translate translates.',
    CodeSystem: 'Code systems',
    ValueSet: 'Value sets',
    ConceptMap: 'Concept maps',
    code: 'Code',
    display: 'Name',
    from: 'From',
    filter: 'where',
    fragment: 'Only some of the codes are here',
    target: 'Becomes',
  },
} as const;

const kinds = ['CodeSystem', 'ValueSet', 'ConceptMap'] as const;

/** The code systems, value sets and concept maps: their list, and a page for each with its codes. */
export function terminologyPages(source: Source, base: string, language: Language): Page[] {
  const own = words[language];
  const chapter = chapterName('terminology', language);
  const titleOf = ({ title }: Resource) => inLanguage(String(title), language);
  return [
    {
      path: 'terminology',
      title: own.title,
      chapter,
      body: html`<p>${own.lead}</p>
${kinds.map(
  (kind) => html`<h2>${own[kind]}</h2>
<ul>${source.resources(kind).map((each) => html`<li><a href="${addressOf(`terminology/${kind}-${each.id}`, language)}">${titleOf(each)}</a> <code>${each.id}</code></li>`)}</ul>`,
)}`,
      finds: [{ title: own.title, text: '' }],
    },
    ...kinds.flatMap((kind) =>
      source.resources(kind).map(
        (resource): Page => ({
          path: `terminology/${kind}-${resource.id}`,
          title: titleOf(resource),
          chapter,
          body: html`${paragraphs(inLanguage(String(resource.description ?? ''), language))}
<p><code>${String(resource.url)}</code> · <a href="${base}/${kind}/${resource.id}">${kind}</a>${resource.content === 'fragment' && ` · ${own.fragment}`}</p>
${kind === 'CodeSystem' ? codesOf(elements(resource, 'concept'), language) : kind === 'ValueSet' ? valueSet(resource, source, language) : conceptMap(resource, language)}`,
          finds: [
            { title: titleOf(resource), text: String(resource.id) },
            ...(kind === 'CodeSystem' ? conceptFinds(resource, language) : []),
          ],
        }),
      ),
    ),
  ];
}

/** The name of a concept in a language: its display is Chinese, the English one a designation. */
export function displayOf(concept: Element, language: Language): string {
  const designation = elements(concept, 'designation').find((each) => each.language === language);
  return string(designation, 'value') ?? inLanguage(string(concept, 'display') ?? '', language);
}

/** Each concept, with those below it. */
function allIn(concepts: readonly Element[], depth = 0): { concept: Element; depth: number }[] {
  return concepts.flatMap((concept) => [
    { concept, depth },
    ...allIn(elements(concept, 'concept'), depth + 1),
  ]);
}

function codesOf(concepts: readonly Element[], language: Language): Html {
  const own = words[language];
  return html`<div class="wide"><table><thead><tr><th scope="col">${own.code}</th><th scope="col">${own.display}</th></tr></thead>
<tbody>${allIn(concepts).map(
    ({
      concept,
      depth,
    }) => html`<tr id="${String(concept.code)}"><th scope="row" class="depth-${Math.min(depth, 6)}"><code>${String(concept.code)}</code></th><td>${displayOf(concept, language)}${string(concept, 'definition') !== undefined && html`<br><small>${inLanguage(String(concept.definition), language)}</small>`}</td></tr>
`,
  )}</tbody></table></div>`;
}

function valueSet(resource: Resource, source: Source, language: Language): Html {
  const own = words[language];
  const includes = elements(resource.compose as Element, 'include');
  return html`${includes.map((include) => {
    const sets = Array.isArray(include.valueSet) ? (include.valueSet as string[]) : [];
    const filters = elements(include, 'filter').map(
      ({ property, op, value }) => `${property} ${op} ${value}`,
    );
    return html`<p>${own.from} ${[include.system, ...sets].filter((url) => url !== undefined).map((url) => html`${linkTo(String(url), source, language)} `)}${filters.length > 0 && html`${own.filter} <code>${filters.join(', ')}</code>`}</p>
${elements(include, 'concept').length > 0 && codesOf(elements(include, 'concept'), language)}`;
  })}`;
}

function conceptMap(resource: Resource, language: Language): Html {
  const own = words[language];
  return html`${elements(resource, 'group').map(
    (group) => html`<p><code>${String(group.source)}</code> → <code>${String(group.target)}</code></p>
<div class="wide"><table><thead><tr><th scope="col">${own.code}</th><th scope="col">${own.target}</th></tr></thead>
<tbody>${elements(group, 'element').map(
      (
        element,
      ) => html`<tr><th scope="row"><code>${String(element.code)}</code></th><td>${elements(element, 'target').map(({ code }) => html`<code>${String(code)}</code> `)}</td></tr>
`,
    )}</tbody></table></div>`,
  )}`;
}

function linkTo(url: string, source: Source, language: Language): Html {
  const known = source.byUrl(url);
  return known
    ? html`<a href="${addressOf(`terminology/${known.resourceType}-${known.id}`, language)}">${inLanguage(String(known.title), language)}</a>`
    : html`<code>${url}</code>`;
}

function conceptFinds(resource: Resource, language: Language) {
  return allIn(elements(resource, 'concept')).map(({ concept }) => ({
    title: `${displayOf(concept, language)} (${concept.code})`,
    text: inLanguage(String(resource.title), language),
    anchor: String(concept.code),
  }));
}
