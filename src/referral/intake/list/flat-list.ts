import type { Definitions } from '../../../fhir/definitions/definitions.ts';
import { codings, elements, string } from '../../../fhir/elements.ts';
import type { Element, Resource } from '../../../fhir/resource.ts';
import { identifierOf, personName, phoneOf, sexWords } from '../../papers/record/words.ts';
import { createReferences, pathOf, type References } from '../../reference.ts';
import { codeWords } from '../../registers/codes.ts';
import { localInstant, localTime } from '../../registers/local-time.ts';
import { clocksUrl, codeSystems } from '../../vocabulary.ts';
import { owedOf } from '../../workflow/owed.ts';
import { businessStatusOf, stateOf } from '../../workflow/states.ts';
import { steps } from '../../workflow/steps.ts';
import { numberSystems } from '../vocabulary.ts';

/** A referral as one flat line: what it is about, where it is, and what is owed. */
export type FlatReferral = Readonly<Record<string, string | boolean>>;

interface Shown {
  task: Resource;
  referral: Resource | undefined;
  patient: Resource | undefined;
  nameOf(parent: Resource, member: string): string | undefined;
  definitions: Definitions;
  now: number;
}

interface Column {
  code: string;
  title: string;
  value(shown: Shown): string | boolean | undefined;
}

/** The columns of the flat list, in their order: the code in JSON, the title in CSV. */
export const listColumns: readonly Column[] = [
  { code: 'number', title: '转诊单号', value: ({ referral }) => numberOf(referral) },
  {
    code: 'direction',
    title: '转诊方向',
    value: ({ referral, definitions }) =>
      codeWords(definitions).direction(codeIn(referral, 'category', codeSystems.direction)),
  },
  {
    code: 'priority',
    title: '优先级',
    value: ({ task, referral, definitions }) =>
      codeWords(definitions).priority(string(task, 'priority') ?? string(referral, 'priority')),
  },
  { code: 'patientName', title: '患者姓名', value: ({ patient }) => personName(patient) },
  { code: 'sex', title: '性别', value: ({ patient }) => sexWords(patient) },
  { code: 'birthDate', title: '出生日期', value: ({ patient }) => string(patient, 'birthDate') },
  {
    code: 'residentId',
    title: '身份证号',
    value: ({ patient }) => patient && identifierOf(patient, numberSystems.residentId),
  },
  { code: 'phone', title: '联系电话', value: ({ patient }) => phoneOf(patient) },
  { code: 'reason', title: '转诊原因', value: ({ referral }) => reasonsOf(referral) },
  { code: 'sender', title: '转出机构', value: ({ task, nameOf }) => nameOf(task, 'requester') },
  { code: 'receiver', title: '接收机构', value: ({ task, nameOf }) => nameOf(task, 'owner') },
  { code: 'authored', title: '申请日期', value: ({ referral }) => string(referral, 'authoredOn') },
  { code: 'state', title: '状态代码', value: ({ task }) => stateOf(task) },
  {
    code: 'stateName',
    title: '状态',
    value: ({ task, definitions }) => codeWords(definitions).businessStatus(businessStatusOf(task)),
  },
  {
    code: 'stateReason',
    title: '状态原因',
    value: ({ task }) => string(elements(task, 'statusReason')[0], 'text'),
  },
  { code: 'waitingFor', title: '待办机构', value: (shown) => waitingFor(shown) },
  { code: 'owed', title: '待办事项', value: ({ task, definitions }) => owedWords(task, definitions) },
  { code: 'due', title: '期限', value: ({ task }) => dueOf(task, localInstant) },
  { code: 'overdue', title: '已超期', value: ({ task, now }) => isOverdue(task, now) },
  { code: 'changed', title: '最近变更', value: ({ task }) => changedOf(task, localInstant) },
  { code: 'task', title: '任务ID', value: ({ task }) => `Task/${task.id}` },
  {
    code: 'referral',
    title: '转诊单ID',
    value: ({ referral }) => referral && `ServiceRequest/${referral.id}`,
  },
];

/** The columns whose times are written for people in CSV, and for programs in JSON. */
const times: Readonly<
  Record<string, (task: Resource, write: (instant: number) => string) => string | undefined>
> = {
  due: dueOf,
  changed: changedOf,
};

/** What a list is made with. */
export interface ListParts {
  definitions: Definitions;
  base: string;
  now: number;
}

/** The lines of a searchset of Tasks with what is included of their referrals, patients and organizations. */
export function flatReferrals(searchset: Resource, parts: ListParts): FlatReferral[] {
  return shownIn(searchset, parts).map((shown) =>
    Object.fromEntries(
      listColumns.flatMap(({ code, value }) => {
        const said = value(shown);
        return said === undefined || said === '' ? [] : [[code, said]];
      }),
    ),
  );
}

/** The same lines as cells for people. */
export function flatCells(searchset: Resource, parts: ListParts): string[][] {
  return shownIn(searchset, parts).map((shown) =>
    listColumns.map(({ code, value }) => {
      const said = times[code]?.(shown.task, localTime) ?? value(shown);
      return typeof said === 'boolean' ? (said ? '是' : '否') : (said ?? '');
    }),
  );
}

function shownIn(searchset: Resource, { definitions, base, now }: ListParts): Shown[] {
  const references = createReferences(base);
  const entries = elements(searchset, 'entry') as { resource: Resource; search?: { mode?: string } }[];
  const byPath = new Map(
    entries.map(({ resource }) => [`${resource.resourceType}/${resource.id}`, resource]),
  );
  const at = (parent: Resource, member: string) => resolve(references, byPath, parent, member);
  const nameOf = (parent: Resource, member: string) =>
    string(at(parent, member), 'name') ?? string(elements(parent, member)[0], 'display');
  return entries
    .filter(({ search }) => search?.mode === 'match')
    .map(({ resource: task }) => ({
      task,
      referral: at(task, 'focus'),
      patient: at(task, 'for'),
      nameOf,
      definitions,
      now,
    }));
}

function resolve(
  references: References,
  byPath: ReadonlyMap<string, Resource>,
  parent: Element,
  member: string,
) {
  const target = references.target(parent, member);
  return target && byPath.get(pathOf(target));
}

function numberOf(referral: Resource | undefined): string | undefined {
  const own = elements(referral, 'identifier').find((identifier) =>
    codings(identifier, 'type').some(({ code }) => code === 'PLAC'),
  );
  return string(own, 'value');
}

function codeIn(referral: Resource | undefined, member: string, system: string): string | undefined {
  return codings(referral, member).find((coding) => coding.system === system)?.code;
}

function reasonsOf(referral: Resource | undefined): string {
  return elements(referral, 'reasonCode')
    .flatMap((reason) => string(reason, 'text') ?? codings({ reason }, 'reason')[0]?.display ?? [])
    .join(';');
}

function waitingFor({ task, nameOf }: Shown): string | undefined {
  const by = owedOf(task)?.by;
  if (!by) return undefined;
  const party = ['requester', 'owner'].find(
    (member) => elements(task, member)[0]?.reference === by.reference,
  );
  return (party && nameOf(task, party)) ?? string(by, 'display') ?? string(by, 'reference');
}

/** What is owed in a state: the clock that the step which leads there has begun. */
function owedWords(task: Resource, definitions: Definitions): string | undefined {
  if (!owedOf(task)) return undefined;
  const row = steps.find(({ to, owes }) => owes && to.some((state) => state === stateOf(task)));
  const actions = elements(definitions.find('PlanDefinition', clocksUrl), 'action');
  return string(
    actions.find(({ id }) => id === row?.owes?.clock),
    'title',
  );
}

function dueOf(task: Resource, write: (instant: number) => string): string | undefined {
  const owed = owedOf(task);
  return owed && write(owed.until);
}

function changedOf({ meta }: Resource, write: (instant: number) => string): string | undefined {
  return meta?.lastUpdated === undefined ? undefined : write(Date.parse(meta.lastUpdated));
}

function isOverdue(task: Resource, now: number): boolean | undefined {
  const owed = owedOf(task);
  return owed && owed.until < now;
}
