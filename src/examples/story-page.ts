import { institutionName, stateName } from './institutions.ts';
import { readSequence, type SequenceAnswer, type SequenceRequest } from './sequence.ts';

/** The languages that the story is told in. */
export type Language = 'zh' | 'en';

const words = {
  zh: {
    other: '[English](README.md)',
    lead: '由 [`story.json`](story.json) 生成(`npm run story`):测试在每种数据库上逐步重放,并核对每个答复。先启动 `npm run demo -- --story`,即可在终端中看到同样的经过,之后每种状态的转诊都可查询。`{名称}` 代表服务器给出的 id;`{tomorrow}`、`{next-week}` 代表日期。',
    nobody: '不属于任何一方的客户端',
    sends: '发送',
    with: '其中替换',
    none: '无待办',
    owes: (name: string) => `下一步由${name}办理`,
    task: (name: string, state: string) => `任务 \`${name}\`:${stateName(state)}(\`${state}\`)`,
    refused: (codes: string) => `被拒绝:${codes}`,
  },
  en: {
    other: '[中文](README.zh-CN.md)',
    lead: 'Made from [`story.json`](story.json) by `npm run story`: a test plays it on every engine and holds each answer to it. `npm run demo -- --story` plays it in your terminal, and leaves the server running with referrals in every state. `{name}` stands for an id that the server gave; `{tomorrow}` and `{next-week}` for days.',
    nobody: 'A client that is neither side',
    sends: 'Sends',
    with: 'with, instead,',
    none: 'nothing is owed',
    owes: (name: string) => `the next step is owed by ${name}`,
    task: (name: string, state: string) => `the Task \`${name}\` is \`${state}\``,
    refused: (codes: string) => `refused: ${codes}`,
  },
} as const;

/** The story as a page to read: each request as it is sent, and the gist of its answer. */
export function storyPage(language: Language): string {
  const { text, requests } = readSequence('story/story');
  const { other, lead } = words[language];
  const told = requests.map((request, index) => toldRequest(request, index + 1, language));
  return `# ${text[language]}\n\n*${other}*\n\n${lead}\n\n${told.join('\n\n')}\n`;
}

function toldRequest(request: SequenceRequest, number: number, language: Language): string {
  return [
    `## ${number}. ${whoOf(request, language)}`,
    request.text[language],
    sent(request, language),
    `→ ${answered(request.answer, request.task ?? 'task', language)}`,
  ].join('\n\n');
}

function whoOf({ actor }: SequenceRequest, language: Language): string {
  return actor === undefined ? words[language].nobody : institutionName(actor)[language];
}

function sent(request: SequenceRequest, language: Language): string {
  const { method, url, actor, body, file, instead } = request;
  const head = [`${method} ${url}`, ...(actor === undefined ? [] : [`X-Acting-Organization: ${actor}`])];
  const inline = body === undefined ? [] : ['', JSON.stringify(body, null, 2)];
  const block = ['```http', ...head, ...inline, '```'].join('\n');
  if (file === undefined) return block;
  const { sends, with: replacing } = words[language];
  const name = file.replace('story/', '');
  const replaced = Object.entries(instead ?? {}).map(([from, to]) => `\`${from}\` → \`${to}\``);
  const note = replaced.length > 0 ? `, ${replacing} ${replaced.join(', ')}` : '';
  return `${block}\n\n${sends} [\`${name}.json\`](${name}.json)${note}`;
}

function answered(
  { status, errors, state, waitingFor, holds = [] }: SequenceAnswer,
  task: string,
  language: Language,
): string {
  const { refused, none, owes, task: named } = words[language];
  const parts = [
    `**${status}**`,
    ...(errors ? [refused(errors.map((code) => `\`${code}\``).join(', '))] : []),
    ...(state === undefined ? [] : [named(task, state)]),
    ...(waitingFor === undefined ? [] : [owes(institutionName(waitingFor)[language])]),
    ...(state !== undefined && waitingFor === undefined ? [none] : []),
    ...holds.map((expression) => `\`${expression}\``),
  ];
  return parts.join(language === 'zh' ? ';' : '; ');
}

/** The pages of the story by their paths below the examples. */
export function storyPages(): ReadonlyMap<string, string> {
  return new Map([
    ['story/README.md', storyPage('en')],
    ['story/README.zh-CN.md', storyPage('zh')],
  ]);
}
