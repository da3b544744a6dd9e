import type { Element, Resource } from '../../fhir/resource.ts';
import { codeSystems, stepOperationUrl } from '../vocabulary.ts';
import { parametersOf, stepsByOperation } from './operations.ts';
import { type StepParameter, stepParameters } from './parameters.ts';
import { partyNames } from './refusals.ts';
import { type Requirement, requirements } from './requirements.ts';
import { type Step, steps } from './steps.ts';

/** What all published resources of the workflow have in common. */
const published = {
  language: 'zh-CN',
  version: '0.1.0',
  status: 'draft',
  experimental: false,
  date: '2026-11-27',
  publisher: 'Zhuanzhen',
} as const;

const both = ({ zh, en }: { zh: string; en: string }) => `${zh} / ${en}`;

/** The OperationDefinition of each operation that takes a step, made from the rows of the table that it can take. */
export function operationDefinitions(): Resource[] {
  return [
    ...[...stepsByOperation()].map(([name, rows]) =>
      definition(name, rows, true, [...parametersIn(name, rows), returned]),
    ),
    definition('$next-steps', [], false, [
      parameter(
        'return',
        1,
        '1',
        'Parameters',
        {
          zh: '每个可行的步骤一项 step:名称、操作、之后的状态、由谁办理、须有什么;以及 waiting-for 和 due',
          en: 'One step for each that is legal: name, operation, states after it, who takes it, what it requires; and waiting-for and due',
        },
        'out',
      ),
    ]),
  ];
}

const returned = parameter(
  'return',
  1,
  '1',
  'Task',
  { zh: '步骤之后的任务', en: 'The Task after the step' },
  'out',
);

function parametersIn(name: string, rows: readonly Step[]): Element[] {
  if (name === '$redirect')
    return [
      parameter('receiver', 1, '1', 'Reference', {
        zh: '改派到的机构',
        en: 'The institution that it goes to',
      }),
      parameter('reason', 1, '1', 'CodeableConcept', stepParameters.reason.text),
    ];
  if (name === '$refer')
    return [
      parameter('receiver', 0, '1', 'Reference', {
        zh: '接收机构;不给时为会诊机构',
        en: 'The institution that is to take the patient; the one that was consulted when not given',
      }),
      parameter('number', 0, '1', 'Identifier', {
        zh: '转诊单编号;不给时由会诊单编号得出',
        en: 'The number of the referral; follows from that of the consultation when not given',
      }),
      parameter('priority', 0, '1', 'code', {
        zh: '优先级;不给时同会诊单',
        en: 'The priority; that of the consultation when not given',
      }),
      parameter('indication', 0, '*', 'CodeableConcept', {
        zh: '转诊指征;不给时同会诊单',
        en: 'The indications; those of the consultation when not given',
      }),
      parameter('service', 0, '1', 'code', {
        zh: '申请的服务(门诊、住院等)',
        en: 'The service that is asked for (outpatient, inpatient, …)',
      }),
    ];
  if (name === '$return')
    return [
      parameter('referral', 1, '1', 'ServiceRequest', {
        zh: '下转单;subject、basedOn、performer 不给时由任务得出',
        en: 'The down-referral; subject, basedOn and performer follow from the Task when not given',
      }),
      parameter('feedback', 1, '*', 'Reference', stepParameters.feedback.text),
      parameter('resource', 0, '*', 'Resource', {
        zh: '随下转单的资源(方案、用药、回转单),以本请求中的 id 互相引用',
        en: 'What goes with the down-referral (plan, medicines, form), which refer to each other by their ids here',
      }),
    ];
  return parametersOf(rows).map((key) => {
    const { type, text }: StepParameter = stepParameters[key];
    return parameter(key, 0, type === 'Reference' ? '*' : '1', type, text);
  });
}

function parameter(
  name: string,
  min: number,
  max: string,
  type: string,
  text: { zh: string; en: string },
  use: 'in' | 'out' = 'in',
): Element {
  return { name, use, min, max, documentation: both(text), type };
}

function definition(
  name: string,
  rows: readonly Step[],
  affectsState: boolean,
  parameters: readonly Element[],
): Resource {
  const code = name.slice(1);
  const title =
    rows.length > 0
      ? { zh: rows.map(({ text }) => text.zh).join(';'), en: rows.map(({ text }) => text.en).join('; ') }
      : { zh: '可行的下一步', en: 'What may follow' };
  return {
    resourceType: 'OperationDefinition',
    id: `task-${code}`,
    ...published,
    url: stepOperationUrl(name),
    name: `Task${code
      .split('-')
      .map((part) => part[0]!.toUpperCase() + part.slice(1))
      .join('')}`,
    title: both(title),
    kind: 'operation',
    description: rows.length > 0 ? rows.map(rowText).join('\n\n') : both(title),
    affectsState,
    code,
    resource: ['Task'],
    system: false,
    type: false,
    instance: true,
    parameter: parameters,
  };
}

/** A row in words, with the update that does the same. */
function rowText({ name, text, from, to, who, requires }: Step): string {
  const needs = requires.map((key): Requirement => requirements[key]);
  return [
    `${name}: ${both(text)}`,
    `${from.join(', ') || '-'} → ${to.join(' | ')}`,
    `${who.map((party) => both(partyNames[party])).join('; ')}`,
    ...needs.map((need) => `- ${both(need.text)}`),
    'PUT 或 PATCH 任务到该状态,结果相同 / The same by PUT or PATCH of the Task into that state',
  ].join('\n');
}

/** The steps as codes: what refusals name the row of the table by. */
export function stepCodes(): Resource {
  return {
    resourceType: 'CodeSystem',
    id: 'referral-step',
    ...published,
    url: codeSystems.step,
    name: 'ReferralStep',
    title: '转诊步骤 / Steps of a referral',
    description:
      '转诊任务的步骤,即状态表的各行。\n\nThe steps of a referral Task: the rows of the table of states.',
    caseSensitive: true,
    content: 'complete',
    count: steps.length + 1,
    concept: [
      ...steps.map(({ name, text }) => concept(name, text)),
      concept('illegal', { zh: '表中没有的步骤', en: 'A step that the table does not have' }),
    ],
  };
}

function concept(code: string, { zh, en }: { zh: string; en: string }): Element {
  return { code, display: zh, designation: [{ language: 'en', value: en }] };
}

/** The table and the diagram of states as Markdown, for who reads the policy. */
export function workflowPage(): string {
  const rows = steps.map(
    ({ name, text, from, to, who, only, requires, referral, certifies, owes, followUp, operation }) =>
      [
        `\`${name}\` ${text.zh} / ${text.en}`,
        operation ? `\`${operation}\`` : '',
        from.join('<br>') || '–',
        to.join('<br>') || '不变',
        [...who.map((party) => partyNames[party].zh), ...(only ? [`(${only})`] : [])].join('、'),
        requires.map((key) => requirements[key].text.zh).join(';'),
        [...(referral ? [referral] : []), ...(certifies ? ['发给转诊证明'] : [])].join(';'),
        [
          ...(owes ? [`${partyNames[owes.by].zh}:\`${owes.clock}\``] : []),
          ...(followUp ? [`${partyNames.sender.zh}:随访 \`follow-up\``] : []),
        ].join('<br>'),
      ].join(' | '),
  );
  return `# 转诊的步骤 / The steps of a referral

Made from \`steps.ts\` by \`npm run workflow\`; a test holds this page, the OperationDefinitions and the codes to it.

| 步骤 / step | 操作 / operation | 从 / from | 到 / to | 由谁 / who | 须有 / requires | 转诊单 / referral | 之后待办 / owed next |
|---|---|---|---|---|---|---|---|
${rows.map((row) => `| ${row} |`).join('\n')}

\`\`\`mermaid
stateDiagram-v2
${arrows().join('\n')}
\`\`\`
`;
}

function arrows(): string[] {
  const name = (state: string) => state.replaceAll(/[:-]/g, '_');
  const all = new Set(steps.flatMap(({ from, to }) => [...from, ...to]));
  return [
    ...[...all].map((state) => `  ${name(state)}: ${state.replace(':', ' · ')}`),
    ...steps.flatMap((step) =>
      (step.from.length > 0 ? step.from : ['[*]']).flatMap((from) =>
        step.to
          .filter((to) => to !== from)
          .map((to) => `  ${from === '[*]' ? from : name(from)} --> ${name(to)}: ${step.name}`),
      ),
    ),
  ];
}
