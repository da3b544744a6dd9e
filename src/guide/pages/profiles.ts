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
    title: '结构(profile)与扩展',
    lead: '资源在 meta.profile 中写明哪个结构,就按哪个结构校验;转诊单、任务等不写明也按其结构校验。',
    profiles: '资源的结构',
    extensions: '扩展',
    own: '本结构所规定的元素',
    all: '全部元素',
    constraints: '约束(FHIRPath)',
    element: '元素',
    cardinality: '基数',
    type: '类型',
    meaning: '含义与取值',
    mustSupport: '必须支持',
    based: '基于',
    schema: 'JSON Schema',
  },
  en: {
    title: 'Profiles and extensions',
    lead: 'A resource is held to the profiles that it names in meta.profile; referrals, their tasks and some others to theirs in any case.',
    profiles: 'Profiles of resources',
    extensions: 'Extensions',
    own: 'What this profile says of its elements',
    all: 'All elements',
    constraints: 'Constraints (FHIRPath)',
    element: 'Element',
    cardinality: 'Cardinality',
    type: 'Type',
    meaning: 'Meaning and values',
    mustSupport: 'must be supported',
    based: 'Based on',
    schema: 'JSON Schema',
  },
} as const;

/** The profiles and extensions: their list, and a page for each with its elements. */
export function profilePages(source: Source, base: string, language: Language): Page[] {
  const own = words[language];
  const all = source.resources('StructureDefinition');
  const chapter = chapterName('profiles', language);
  const listOf = (structures: readonly Resource[]) =>
    html`<ul>${structures.map(({ id, title, description }) => html`<li><a href="${addressOf(`profiles/${id}`, language)}">${inLanguage(String(title), language)}</a> <code>${id}</code><br>${inLanguage(String(description ?? ''), language)}</li>`)}</ul>`;
  return [
    {
      path: 'profiles',
      title: own.title,
      chapter,
      body: html`<p>${own.lead}</p>
<h2>${own.profiles}</h2>
${listOf(all.filter(({ type }) => type !== 'Extension'))}
<h2>${own.extensions}</h2>
${listOf(all.filter(({ type }) => type === 'Extension'))}`,
      finds: [{ title: own.title, text: '' }],
    },
    ...all.map((structure): Page => {
      const title = inLanguage(String(structure.title), language);
      return {
        path: `profiles/${structure.id}`,
        title,
        chapter,
        body: profileBody(structure, source, base, language),
        finds: [
          {
            title,
            text: [
              structure.id,
              structure.type,
              ...differential(structure).map((each) => textOf(each, language)),
            ].join(' '),
          },
        ],
      };
    }),
  ];
}

const differential = ({ differential }: Resource) => elements(differential as Element, 'element');
const snapshot = ({ snapshot }: Resource) => elements(snapshot as Element, 'element');
const textOf = (element: Element, language: Language) =>
  inLanguage(string(element, 'definition') ?? string(element, 'short') ?? '', language);

function profileBody(structure: Resource, source: Source, base: string, language: Language): Html {
  const own = words[language];
  const constraints = differential(structure).flatMap((element) =>
    elements(element, 'constraint').map((constraint) => ({ path: String(element.id), constraint })),
  );
  return html`${paragraphs(inLanguage(String(structure.description ?? ''), language))}
<p><code>${structure.url as string}</code><br>
${own.based} ${structureLink(String(structure.baseDefinition), source, language)}${structure.type !== 'Extension' && html` · <a href="${base}/schemas/${structure.id}.json">${own.schema}</a>`}
 · <a href="${base}/StructureDefinition/${structure.id}">StructureDefinition</a></p>
<h2>${own.own}</h2>
${table(differential(structure), source, language)}
${
  constraints.length > 0 &&
  html`<h2>${own.constraints}</h2>
<dl>${constraints.map(({ path, constraint }) => html`<dt><code>${String(constraint.key)}</code> ${path}</dt><dd>${inLanguage(String(constraint.human), language)}<pre><code>${String(constraint.expression)}</code></pre></dd>`)}</dl>`
}
<details><summary>${own.all} (${snapshot(structure).length})</summary>
${table(snapshot(structure), source, language)}
</details>`;
}

function table(rows: readonly Element[], source: Source, language: Language): Html {
  const own = words[language];
  return html`<div class="wide"><table class="elements">
<thead><tr><th scope="col">${own.element}</th><th scope="col">${own.cardinality}</th><th scope="col">${own.type}</th><th scope="col">${own.meaning}</th></tr></thead>
<tbody>${rows.map((row) => rowOf(row, source, language))}</tbody>
</table></div>`;
}

function rowOf(element: Element, source: Source, language: Language): Html {
  const { id, min, max } = element;
  const path = String(id);
  const depth = Math.min(path.split('.').length - 1, 6);
  const name = path.split('.').at(-1)!;
  const cardinality = min === undefined && max === undefined ? '' : `${min ?? ''}..${max ?? ''}`;
  return html`<tr><th scope="row" class="depth-${depth}" title="${path}">${depth > 0 ? name : path}</th><td>${cardinality}</td><td>${typesOf(element, source, language)}</td><td>${meaningOf(element, source, language)}</td></tr>
`;
}

function typesOf(element: Element, source: Source, language: Language): Html {
  return html`${elements(element, 'type').map(({ code, targetProfile, profile }) => {
    const linked = [targetProfile, profile].flatMap((urls) =>
      Array.isArray(urls) ? (urls as string[]) : [],
    );
    const name = String(code).replace('http://hl7.org/fhirpath/System.', '');
    return html`${name}${linked.length > 0 && html`(${linked.map((url, at) => html`${at > 0 && ' | '}${structureLink(url, source, language)}`)})`} `;
  })}`;
}

/** What an element says, what it must be, and from which value set it is. */
function meaningOf(element: Element, source: Source, language: Language): Html {
  const [bound] = elements(element, 'binding');
  const wanted = Object.entries(element).filter(([name]) =>
    /^(fixed|pattern|min(?!$)|max(?!$))[A-Z]/.test(name),
  );
  return html`${inLanguage(string(element, 'short') ?? '', language)}
${wanted.map(([name, value]) => html`<br><code>${name}</code> <code>${typeof value === 'object' ? JSON.stringify(value) : String(value)}</code>`)}
${bound?.valueSet !== undefined && html`<br>${valueSetLink(String(bound.valueSet), source, language)} (${String(bound.strength)})`}
${element.mustSupport === true && html` <small>${words[language].mustSupport}</small>`}`;
}

function structureLink(url: string, source: Source, language: Language): Html {
  const structure = source.byUrl(url);
  if (structure)
    return html`<a href="${addressOf(`profiles/${structure.id}`, language)}">${inLanguage(String(structure.title), language)}</a>`;
  return html`${url.split('/').at(-1)}`;
}

function valueSetLink(url: string, source: Source, language: Language): Html {
  const set = source.byUrl(url);
  if (set)
    return html`<a href="${addressOf(`terminology/ValueSet-${set.id}`, language)}">${inLanguage(String(set.title), language)}</a>`;
  return html`<code>${url}</code>`;
}
