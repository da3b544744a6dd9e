import { elements, string } from '../../fhir/elements.ts';
import type { Element, Resource } from '../../fhir/resource.ts';
import { type Html, html } from '../../html/html.ts';
import { partyNames } from '../../referral/workflow/refusals.ts';
import { requirements } from '../../referral/workflow/requirements.ts';
import { type Step, steps } from '../../referral/workflow/steps.ts';
import { type Arrow, type Box, diagram } from './diagram.ts';
import { inLanguage, type Language } from './language.ts';
import { addressOf, chapterName } from './layout.ts';
import type { Page } from './page.ts';
import type { Source } from './source.ts';
import { displayOf } from './terminology.ts';
import { paragraphs } from './text.ts';

const words = {
  zh: {
    title: '步骤与状态',
    lead: '每份转诊由一个任务(Task)跟踪。状态写作 status:businessStatus;每个步骤由谁办理、须有什么、之后由谁在何时前办理,都出自同一张表。以操作办理,或以 PUT、PATCH 把任务改为该状态,结果相同。',
    diagram: '状态图',
    step: '步骤',
    from: '从',
    to: '到',
    who: '由谁',
    requires: '须有',
    owes: '之后待办',
    stays: '不变',
    clocks: '时限',
    clock: '时钟',
    only: { stat: '仅急诊', down: '仅下转', treatment: '仅就诊', consult: '仅远程会诊' },
  },
  en: {
    title: 'Steps and states',
    lead: 'A referral lives through its Task. A state is written status:businessStatus. Who takes a step, what it requires, and who owes the next one until when are in one table. A step is taken by its operation, or by a PUT or PATCH of the Task into the state, with the same result.',
    diagram: 'The states',
    step: 'Step',
    from: 'From',
    to: 'To',
    who: 'Who',
    requires: 'Requires',
    owes: 'Owed next',
    stays: 'as it is',
    clocks: 'Times',
    clock: 'Clock',
    only: {
      stat: 'stat referrals only',
      down: 'to a lower tier only',
      treatment: 'patients to be treated only',
      consult: 'tele-consultations only',
    },
  },
} as const;

const priorities = ['stat', 'asap', 'urgent', 'routine'] as const;

/** The table of steps, its diagram, and the times of the clocks. */
export function workflowPages(source: Source, language: Language): Page[] {
  const own = words[language];
  const clocks = source.find('PlanDefinition', 'referral-clocks')!;
  return [
    {
      path: 'workflow',
      title: own.title,
      chapter: chapterName('workflow', language),
      body: html`<p>${own.lead}</p>
<h2>${own.diagram}</h2>
${diagram(own.diagram, boxes(source, language), arrows(language))}
<h2>${own.step}</h2>
<div class="wide"><table><thead><tr>${[own.step, own.from, own.to, own.who, own.requires, own.owes].map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
<tbody>${steps.map((step) => rowOf(step, language))}</tbody></table></div>
<h2 id="clocks">${own.clocks}</h2>
${paragraphs(inLanguage(String(clocks.description), language))}
${clockTable(clocks, language)}`,
      finds: [
        ...steps.map(({ name, text, operation, to }) => ({
          title: text[language],
          text: [name, operation, ...to].join(' '),
          anchor: name,
        })),
        ...elements(clocks, 'action').map((clock) => ({
          title: nameOf(clock, language),
          text: own.clocks,
          anchor: 'clocks',
        })),
      ],
    },
  ];
}

const statusOf = (state: string) => state.split(':')[0]!;

/** A box for each status of the Task, with its business statuses. */
function boxes(source: Source, language: Language): Box[] {
  const names = new Map(
    elements(source.find('CodeSystem', 'referral-business-status'), 'concept').map((concept) => [
      concept.code,
      displayOf(concept, language),
    ]),
  );
  const states = new Map<string, Set<string>>();
  for (const state of steps.flatMap(({ from, to }) => [...from, ...to])) {
    const [status, business] = state.split(':');
    const known = states.get(status!) ?? new Set();
    states.set(status!, known);
    if (business !== undefined) known.add(names.get(business) ?? business);
  }
  return [...states].map(([status, lines]) => ({ id: status, name: status, lines: [...lines] }));
}

/** An arrow from status to status for all the steps between them. */
function arrows(language: Language): Arrow[] {
  const found = new Map<string, { from: string | undefined; to: string; names: Set<string> }>();
  for (const { from, to, text } of steps)
    for (const before of from.length > 0 ? from.map(statusOf) : [undefined])
      for (const after of to.map(statusOf)) {
        // What stays in its status is in the table.
        if (before === after) continue;
        const key = `${before} ${after}`;
        const known = found.get(key) ?? { from: before, to: after, names: new Set() };
        found.set(key, known);
        known.names.add(shortened(text[language]));
      }
  return [...found.values()].map(({ from, to, names }) => ({ from, to, lines: [...names] }));
}

/** What stands before a colon or comma names a step well enough on an arrow. */
const shortened = (text: string) => text.split(/[,:,:]/)[0]!;

function rowOf(step: Step, language: Language): Html {
  const { name, text, operation, from, to, who, only, requires, owes } = step;
  const own = words[language];
  return html`<tr id="${name}"><th scope="row">${text[language]}<br><code>${name}</code>${operation && html` <a href="${addressOf('operations', language)}#task-${operation.slice(1)}"><code>${operation}</code></a>`}</th>
<td>${states(from, '–')}</td><td>${states(to, own.stays)}</td>
<td>${who.map((party) => partyNames[party][language]).join(', ')}${only && ` (${own.only[only]})`}</td>
<td>${requires.length > 0 && html`<ul>${requires.map((key) => html`<li>${requirements[key].text[language]}</li>`)}</ul>`}</td>
<td>${owes && html`${partyNames[owes.by][language]}: <a href="#clocks"><code>${owes.clock}</code></a>`}</td></tr>
`;
}

function states(names: readonly string[], none: string): Html {
  return html`${names.length === 0 ? none : names.map((name) => html`<code>${name}</code><br>`)}`;
}

const nameOf = (clock: Element, language: Language) =>
  string(clock, language === 'zh' ? 'title' : 'textEquivalent') ?? String(clock.id);

function clockTable(clocks: Resource, language: Language): Html {
  const own = words[language];
  const timeOf = (clock: Element, priority: string) => {
    const own = elements(clock, 'action').find((each) => each.priority === priority);
    const [time] = elements(own, 'timingDuration');
    return time && `${time.value} ${time.unit}`;
  };
  return html`<div class="wide"><table><thead><tr><th scope="col">${own.clock}</th>${priorities.map((each) => html`<th scope="col">${each}</th>`)}</tr></thead>
<tbody>${elements(clocks, 'action').map(
    (
      clock,
    ) => html`<tr><th scope="row">${nameOf(clock, language)} <code>${String(clock.id)}</code><br><small>${inLanguage(string(clock, 'description') ?? '', language)}</small></th>${priorities.map((each) => html`<td>${timeOf(clock, each)}</td>`)}</tr>
`,
  )}</tbody></table></div>`;
}
