import { elements, extension, string } from '../../fhir/elements.ts';
import type { Element, Resource } from '../../fhir/resource.ts';
import { type Html, html } from '../../html/html.ts';
import { readConstants } from '../../referral/rules/constants.ts';
import { extensions } from '../../referral/vocabulary.ts';
import { brokenBy } from './broken-rules.ts';
import { inLanguage, type Language } from './language.ts';
import { addressOf, chapterName } from './layout.ts';
import type { Find, Page } from './page.ts';
import type { Source } from './source.ts';
import { displayOf } from './terminology.ts';
import { paragraphs } from './text.ts';

const words = {
  zh: {
    severity: { error: '违反即拒收', warning: '警告,随转诊保存', information: '提示' },
    source: '出处',
    about: '针对',
    needs: '须有',
    place: '须改正之处',
    thresholds: '数值',
    mayFollow: (priority: string) => `优先级为 ${priority} 时可以后补`,
    condition: '条件(FHIRPath,为 true 即符合)',
    supports: '条件(FHIRPath,为 true 即支持该指征)',
    evidence: '证据',
    examples: '违反它的示例',
    local: '县级阈值(默认不启用)',
    others: '服务器另行把关的规则',
    priority: '优先级',
  },
  en: {
    severity: { error: 'refuses', warning: 'warns, and is kept with the referral', information: 'a hint' },
    source: 'Source',
    about: 'About',
    needs: 'Where there is',
    place: 'Place to mend',
    thresholds: 'Numbers',
    mayFollow: (priority: string) => `What is missing may follow where the priority is ${priority}`,
    condition: 'Condition (FHIRPath; true: all is well)',
    supports: 'Condition (FHIRPath; true: it supports the indication)',
    evidence: 'Evidence',
    examples: 'Examples that break it',
    local: 'Thresholds of a county (off unless stored)',
    others: 'Rules that the server holds beside them',
    priority: 'Priority',
  },
} as const;

/** The rules, with the text, source and condition of each, and the indications that data can support. */
export function rulePages(source: Source, language: Language): Page[] {
  const own = words[language];
  const rules = source.find('PlanDefinition', 'referral-rules')!;
  const local = source.find('PlanDefinition', 'local-thresholds')!;
  const indications = source.find('PlanDefinition', 'referral-indications')!;
  const broken = brokenBy(source);
  const planned = new Set([rules, local].flatMap((plan) => elements(plan, 'action').map(keyOf)));
  const others = elements(source.find('CodeSystem', 'referral-rule'), 'concept').filter(
    ({ code }) => !planned.has(String(code)),
  );
  const listed = (plan: Resource, condition: string) =>
    elements(plan, 'action').map((action) => actionOf(action, condition, broken, language));
  return [
    {
      path: 'rules',
      title: titleOf(rules, language),
      chapter: chapterName('rules', language),
      body: html`${introduction(rules, language)}
${contents(rules, language)}
${listed(rules, own.condition)}
<h2 id="local">${own.local}</h2>
${introduction(local, language)}
${listed(local, own.condition)}
<h2 id="others">${own.others}</h2>
<dl>${others.map((concept) => html`<dt id="${String(concept.code)}"><code>${String(concept.code)}</code></dt><dd>${displayOf(concept, language)}</dd>`)}</dl>`,
      finds: [
        ...[rules, local].flatMap((plan) => findsOf(plan, language)),
        ...others.map((concept) => ({
          title: displayOf(concept, language),
          text: String(concept.code),
          anchor: String(concept.code),
        })),
      ],
    },
    {
      path: 'indications',
      title: titleOf(indications, language),
      chapter: chapterName('indications', language),
      body: html`${introduction(indications, language)}
${contents(indications, language)}
${listed(indications, own.supports)}`,
      finds: findsOf(indications, language),
    },
  ];
}

/** The sentence of a rule in a language, with its thresholds. */
export function sentenceOf(action: Element, language: Language): string {
  const text = string(action, language === 'zh' ? 'title' : 'textEquivalent');
  return readConstants(action).inText(text ?? keyOf(action));
}

/** The key by which a refusal names a rule. */
export function keyOf(action: Element): string {
  const [code] = elements(action, 'code');
  return string(elements(code, 'coding')[0], 'code') ?? String(action.id);
}

const titleOf = (plan: Resource, language: Language) => inLanguage(String(plan.title), language);

function introduction(plan: Resource, language: Language): Html {
  return paragraphs(inLanguage(String(plan.description), language));
}

function contents(plan: Resource, language: Language): Html {
  const items = elements(plan, 'action').map(
    (action) => html`<li><a href="#${keyOf(action)}">${sentenceOf(action, language)}</a></li>`,
  );
  return html`<ol class="contents">${items}</ol>`;
}

function actionOf(
  action: Element,
  condition: string,
  broken: ReadonlyMap<string, readonly string[]>,
  language: Language,
): Html {
  const own = words[language];
  const key = keyOf(action);
  const severity = string(extension(action, extensions.ruleSeverity), 'valueCode');
  const mayFollow = string(extension(action, extensions.ruleMayFollow), 'valueCode');
  const evidence = elements(extension(action, extensions.ruleEvidence), 'valueExpression')[0];
  const [about, ...needs] = elements(action, 'input').map(({ type }) => String(type));
  const facts: [string, Html | string | undefined][] = [
    [own.source, sourceOf(action)],
    [own.about, about],
    [own.needs, needs.join(', ') || undefined],
    [own.place, string(extension(action, extensions.rulePlace), 'valueString')],
    [own.thresholds, thresholdsOf(action)],
    [own.priority, string(action, 'priority')],
    [own.examples, examplesOf(broken.get(key), language)],
  ];
  return html`<section class="rule" id="${key}">
<h3><a href="#${key}">${sentenceOf(action, language)}</a></h3>
<p><code>${key}</code> ${severity && html`<span class="${severity}">${own.severity[severity as 'error']}</span>`} ${mayFollow && own.mayFollow(mayFollow)}</p>
<dl>${facts.map(([name, value]) => value && html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>
<details><summary>${condition}</summary>
${elements(action, 'condition').map((each) => html`<pre><code>${string(elements(each, 'expression')[0], 'expression')}</code></pre>`)}
${evidence && html`<p>${own.evidence}</p><pre><code>${string(evidence, 'expression')}</code></pre>`}
</details>
</section>`;
}

function sourceOf(action: Element): string {
  return elements(action, 'documentation')
    .flatMap((each) => string(each, 'citation') ?? [])
    .join('; ');
}

function thresholdsOf(action: Element): string | undefined {
  const thresholds = elements(action, 'extension').filter(({ url }) => url === extensions.ruleThreshold);
  const shown = thresholds.map((threshold) => {
    const { value, unit } = elements(extension(threshold, 'value'), 'valueQuantity')[0]!;
    return `%${string(extension(threshold, 'name'), 'valueString')} = ${value} ${unit ?? ''}`.trim();
  });
  return shown.join(', ') || undefined;
}

function examplesOf(names: readonly string[] | undefined, language: Language): Html | undefined {
  return (
    names &&
    html`${names.map((name) => html`<a href="${addressOf(`examples/${name}`, language)}">${name}</a> `)}`
  );
}

function findsOf(plan: Resource, language: Language): Find[] {
  return elements(plan, 'action').map((action) => ({
    title: sentenceOf(action, language),
    text: `${keyOf(action)} ${sourceOf(action)}`,
    anchor: keyOf(action),
  }));
}
