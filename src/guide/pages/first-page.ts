import { html } from '../../html/html.ts';
import type { Language } from './language.ts';
import { addressOf, chapterName } from './layout.ts';
import type { Page } from './page.ts';

const words = {
  zh: {
    title: '转诊平台指南',
    lead: '县域医共体双向转诊的 FHIR R4 服务器。本指南由服务器自带的结构、规则、步骤表和示例生成,不需互联网。',
    items: {
      examples: '从示例开始:能被接受的、被规则拒绝的,以及之后的每个步骤。',
      rules: '每条规则的文字、出处、级别和条件。',
      indications: '数据所支持的转诊指征。',
      workflow: '转诊从提交到办结的状态、由谁办理、时限多久。',
      profiles: '资源须有哪些元素,取什么值。',
      terminology: '代码系统、值集和对照表。',
      operations: '在读写和检索之外可以调用什么。',
    },
    api: '全部接口(OpenAPI)',
    take: '全部带走:',
    package: 'FHIR 包',
    schemas: 'JSON Schema',
    missing: { title: '没有这一页', text: '请从目录找起。' },
    stored: '各县可存入自己的规则、时限和值集,存入即生效;本指南所示为随服务器发布的内容。',
  },
  en: {
    title: 'Zhuanzhen guide',
    lead: 'A FHIR R4 server for referrals in a county medical community. This guide is made from the profiles, rules, table of steps and examples that come with the server; it needs no internet.',
    items: {
      examples: 'Begin with the examples: what is accepted, what a rule refuses, and each step that follows.',
      rules: 'The text, source, severity and condition of each rule.',
      indications: 'Indications for a referral that data can support.',
      workflow: 'The states of a referral from submission to end: who takes each step, and until when.',
      profiles: 'Which elements a resource must have, and with what values.',
      terminology: 'Code systems, value sets and concept maps.',
      operations: 'What can be called beside reading, writing and searching.',
    },
    api: 'The whole interface (OpenAPI)',
    take: 'To take away:',
    package: 'the FHIR package',
    schemas: 'JSON Schemas',
    missing: { title: 'There is no such page', text: 'Begin at the contents.' },
    stored:
      'A county can store its own rules, times and value sets, which hold at once; what is shown here is what comes with the server.',
  },
} as const;

/** The first page: what there is, and where to begin. */
export function firstPage(base: string, language: Language): Page {
  const own = words[language];
  const paths = Object.keys(own.items) as (keyof typeof own.items)[];
  return {
    path: '',
    title: own.title,
    chapter: chapterName('', language),
    body: html`<p>${own.lead}</p>
<dl class="start">${paths.map((path) => html`<dt><a href="${addressOf(path, language)}">${chapterName(path, language)}</a></dt><dd>${own.items[path]}</dd>`)}
<dt><a href="/docs/api">API</a></dt><dd>${own.api}</dd></dl>
<p>${own.take} <a href="${base}/package.tgz">${own.package}</a>, <a href="${base}/schemas">${own.schemas}</a></p>
<p>${own.stored}</p>`,
    finds: [],
  };
}

/** What an address is answered that has no page. */
export function missingPage(language: Language): Page {
  const { title, text } = words[language].missing;
  return { path: 'not-found', title, chapter: '', body: html`<p>${text}</p>`, finds: [] };
}
