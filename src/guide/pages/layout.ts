import { html } from '../../html/html.ts';
import { type Language, languages } from './language.ts';
import type { Page } from './page.ts';

const words = {
  zh: {
    name: '简体中文',
    title: '转诊平台指南',
    skip: '跳到正文',
    contents: '目录',
    language: '语言',
    search: '搜索',
    hint: '规则、步骤、元素、代码、示例;可用拼音首字母',
    none: '没有找到',
    more: '另有 {n} 处,请再写一个词',
  },
  en: {
    name: 'English',
    title: 'Zhuanzhen guide',
    skip: 'Skip to the text',
    contents: 'Contents',
    language: 'Language',
    search: 'Search',
    hint: 'Rules, steps, elements, codes, examples',
    none: 'Nothing found',
    more: '{n} more: add a word',
  },
} as const;

const chapters = [
  { path: '', zh: '开始', en: 'Start' },
  { path: 'rules', zh: '规则', en: 'Rules' },
  { path: 'indications', zh: '指征', en: 'Indications' },
  { path: 'workflow', zh: '步骤与状态', en: 'Steps and states' },
  { path: 'profiles', zh: '结构', en: 'Profiles' },
  { path: 'terminology', zh: '术语', en: 'Terminology' },
  { path: 'operations', zh: '操作', en: 'Operations' },
  { path: 'examples', zh: '示例', en: 'Examples' },
] as const;

/** The name of a chapter, by the path of its first page. */
export function chapterName(path: (typeof chapters)[number]['path'], language: Language): string {
  return chapters.find((chapter) => chapter.path === path)![language];
}

/** The address of a page, or of a place on one. */
export function addressOf(path: string, language: Language): string {
  return path === '' ? `/docs/${language}` : `/docs/${language}/${path}`;
}

/** The whole document of a page: the same frame for all of them. */
export function documentOf(page: Page, language: Language): string {
  const own = words[language];
  const title = page.path === '' ? own.title : `${page.title} – ${own.title}`;
  return html`<!doctype html>
<html lang="${language === 'zh' ? 'zh-CN' : 'en'}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="icon" href="/docs/favicon-32x32.png">
<link rel="stylesheet" href="/docs/files/guide.css">
${languages.map((each) => html`<link rel="alternate" hreflang="${each === 'zh' ? 'zh-CN' : each}" href="${addressOf(page.path, each)}">`)}
${['search.js', ...(page.scripts ?? [])].map((script) => html`<script type="module" src="/docs/files/${script}"></script>`)}
</head>
<body>
<a class="skip" href="#text">${own.skip}</a>
<header>
<a class="home" href="${addressOf('', language)}">${own.title}</a>
<div class="search" role="search">
<label for="search">${own.search}</label> <input id="search" type="search" disabled autocomplete="off" placeholder="${own.hint}" aria-controls="found">
<div id="found" class="found" aria-live="polite" hidden data-places="/docs/files/places-${language}.json" data-none="${own.none}" data-more="${own.more}"></div>
</div>
<nav class="language" aria-label="${own.language}">${languages.map((each) => languageLink(each, page, language))}</nav>
</header>
<nav class="chapters" aria-label="${own.contents}"><ul>
${chapters.map(({ path, ...name }) => html`<li><a href="${addressOf(path, language)}"${current(name[language] === page.chapter)}>${name[language]}</a></li>`)}
<li><a href="/docs/api">API</a></li>
</ul></nav>
<main id="text">
<h1>${page.title}</h1>
${page.body}
</main>
</body>
</html>
`.text;
}

function languageLink(each: Language, { path }: Page, language: Language) {
  const { name } = words[each];
  if (each === language) return html`<span aria-current="true">${name}</span> `;
  return html`<a href="${addressOf(path, each)}" lang="${each}" hreflang="${each}">${name}</a> `;
}

const current = (isCurrent: boolean) => isCurrent && html` aria-current="page"`;
