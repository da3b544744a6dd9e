import type { Sequence } from '../../examples/sequence.ts';
import { elements } from '../../fhir/elements.ts';
import type { Resource } from '../../fhir/resource.ts';
import { type Html, html } from '../../html/html.ts';
import { type Told, toldOfExamples } from './broken-rules.ts';
import { gistOf } from './gist.ts';
import type { Language } from './language.ts';
import { addressOf, chapterName } from './layout.ts';
import type { Page } from './page.ts';
import { keyOf, sentenceOf } from './rules.ts';
import { requestsOf } from './sequence-requests.ts';
import { type Example, exampleFolders, resourceOf, type Source } from './source.ts';
import { displayOf } from './terminology.ts';

const words = {
  zh: {
    title: '示例',
    lead: '人物、编号和地点均为虚构(区划 629901 并不存在)。先载入 community.json 中的医共体,其余示例都引用它。',
    folders: {
      valid: '接受的转诊',
      invalid: '被规则拒绝的转诊',
      story: '一份转诊的经过',
      steps: '办理的步骤',
      'refused-steps': '被拒绝的步骤',
      messages: '消息',
      registers: '台账与报表',
      county: '县级调整',
    },
    breaks: '违反规则',
    community: '示例医共体',
    file: 'JSON 文件',
  },
  en: {
    title: 'Examples',
    lead: 'All people, numbers and places are made up (division code 629901 does not exist). The others refer to the community of community.json, which is loaded first.',
    folders: {
      valid: 'Referrals that are accepted',
      invalid: 'Referrals that a rule refuses',
      story: 'What becomes of a referral',
      steps: 'Steps that are taken',
      'refused-steps': 'Steps that are refused',
      messages: 'Messages',
      registers: 'Ledgers and reports',
      county: 'How a county changes things',
    },
    breaks: 'Breaks the rule',
    community: 'The community of the examples',
    file: 'JSON file',
  },
} as const;

/** The examples: their list, and a page for each. */
export function examplePages(source: Source, language: Language): Page[] {
  const own = words[language];
  const chapter = chapterName('examples', language);
  const told = toldOfExamples();
  const shown = source.examples.map((example) => ({
    example,
    title: titleOf(example, told, source, language),
  }));
  const item = ({ example: { name }, title }: (typeof shown)[number]) =>
    html`<li><a href="${addressOf(`examples/${name}`, language)}">${title}</a> <code>${name}</code></li>`;
  return [
    {
      path: 'examples',
      title: own.title,
      chapter,
      body: html`<p>${own.lead}</p>
<ul>${shown.filter(({ example: { name } }) => !name.includes('/')).map(item)}</ul>
${exampleFolders.map(
  (folder) => html`<h2 id="${folder}">${own.folders[folder]}</h2>
<ul>${shown.filter(({ example: { name } }) => name.startsWith(`${folder}/`)).map(item)}</ul>`,
)}`,
      finds: [{ title: own.title, text: '' }],
    },
    ...shown.map(
      ({ example, title }): Page => ({
        path: `examples/${example.name}`,
        title,
        chapter,
        body: bodyOf(example, told, source, language),
        finds: [{ title, text: `${example.name} ${ruleOf(example, told) ?? ''}` }],
      }),
    ),
  ];
}

const fileOf = ({ name }: Example) => name.split('/').at(-1)!;

function ruleOf(example: Example, told: ReadonlyMap<string, Told>): string | undefined {
  return example.name.startsWith('invalid/') ? told.get(fileOf(example))?.rule : undefined;
}

/** What an example is called: by what it says itself, by the rule that it breaks, or by what it asks for. */
function titleOf(
  example: Example,
  told: ReadonlyMap<string, Told>,
  source: Source,
  language: Language,
): string {
  if (example.name === 'community') return words[language].community;
  const resource = resourceOf(example);
  if (!resource) return (JSON.parse(example.text) as Sequence).text[language];
  const text = told.get(fileOf(example))?.text;
  if (language === 'en' && text !== undefined) return text;
  return (
    ruleSentence(ruleOf(example, told), source, language) ??
    gistOf(resource, source, language) ??
    text ??
    example.name
  );
}

function ruleSentence(key: string | undefined, source: Source, language: Language): string | undefined {
  const rules = elements(source.find('PlanDefinition', 'referral-rules'), 'action');
  const rule = rules.find((each) => keyOf(each) === key);
  if (rule) return sentenceOf(rule, language);
  const concept = elements(source.find('CodeSystem', 'referral-rule'), 'concept').find(
    ({ code }) => code === key,
  );
  return concept && displayOf(concept, language);
}

function bodyOf(example: Example, told: ReadonlyMap<string, Told>, source: Source, language: Language): Html {
  const own = words[language];
  const resource = resourceOf(example);
  const rule = ruleOf(example, told);
  const gist = resource && gistOf(resource, source, language);
  return html`${gist && html`<p>${gist}</p>`}
${rule && html`<p>${own.breaks} <a href="${addressOf('rules', language)}#${rule}"><code>${rule}</code></a>: ${ruleSentence(rule, source, language)}</p>`}
<p><a href="/docs/files/examples/${example.name}.json">${own.file}</a></p>
${resource ? sourceText(resource, example.text) : requestsOf(JSON.parse(example.text) as Sequence, language)}`;
}

/** The text of an example. What is long is folded. */
function sourceText(resource: Resource, text: string): Html {
  return html`<details open><summary>${resource.resourceType}</summary><pre class="source"><code>${text}</code></pre></details>`;
}
