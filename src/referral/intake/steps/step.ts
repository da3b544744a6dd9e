import { elements, string } from '../../../fhir/elements.ts';
import { readJson } from '../../../fhir/json/parse.ts';
import type { Text } from '../../../fhir/outcome.ts';
import type { Element, Resource } from '../../../fhir/resource.ts';
import type { Server } from '../../../interactions/server.ts';
import { hasIdentifier } from '../../queries.ts';
import { createReferences } from '../../reference.ts';
import { codeSystems } from '../../vocabulary.ts';
import { codingIn, type Part, textIn } from '../bundle/part.ts';
import type { Directory } from '../directory/directory.ts';
import type { Mapping } from '../mapping.ts';
import type { Problem } from '../problem.ts';
import type { FlatRow } from '../row.ts';
import { taskOfReferral } from '../state-of-referral.ts';

/** What the parameters of a step are made from. */
export interface StepContext {
  row: FlatRow;
  task: Resource;
  referral: Resource | undefined;
  directory: Directory;
  mapping: Mapping;
  /** The present instant, as FHIR writes it. */
  now: string;
}

/** A step as it is sent: the parameters of the operation, and the resources that they refer to. */
export interface SentStep {
  parameters: Element[];
  resources: Part[];
}

/** A problem of a field in words. */
export function problemAt(
  { row, mapping }: Pick<StepContext, 'row' | 'mapping'>,
  code: string,
  text: Text,
): Problem {
  const field = mapping.fields.find((each) => each.code === code)!;
  const column = row.columns.get(code) ?? field.name.zh;
  const found = textIn(row, code);
  return {
    column,
    field: code,
    ...(found !== undefined && { found: found.slice(0, 100) }),
    expected: field.about,
    text: { zh: `“${column}”:${text.zh}`, en: `"${column}": ${text.en}` },
  };
}

/**
 * The Task that a row speaks of: by its id, else the one by which the referral of this number is under way. What may not
 * be seen is not there.
 */
export async function findTask(
  row: FlatRow,
  { store, base }: Server,
): Promise<{ task: Resource; referral: Resource | undefined } | { problem: Text; field: string }> {
  const given = textIn(row, 'task')?.replace(/^.*Task\//, '');
  const number = textIn(row, 'referral-number') ?? '';
  const found = await store.search({
    type: 'ServiceRequest',
    filter: hasIdentifier('identifier', number.replace(/[\\|]/g, '\\$&')),
    sort: [],
    limit: most,
  });
  const referrals = found
    .map(({ version }) => readJson(version.text) as Resource)
    .filter((each) => elements(each, 'identifier').some(({ value }) => value === number));
  const [first] = referrals;
  if (!first)
    return {
      field: 'referral-number',
      problem: { zh: '没有此编号的转诊单', en: 'there is no referral of this number' },
    };
  if (given !== undefined) {
    const version = await store.read('Task', given);
    const task = version?.text ? (readJson(version.text) as Resource) : undefined;
    const target = createReferences(base).target(task, 'focus', 'ServiceRequest');
    const referral = referrals.find(({ id }) => id === target?.id);
    if (!task || !referral)
      return { field: 'task', problem: { zh: '此单没有这个任务', en: 'the referral has no such Task' } };
    return { task, referral };
  }
  if (referrals.length > 1)
    return {
      field: 'referral-number',
      problem: {
        zh: '有几份转诊单用此编号,请填任务ID',
        en: 'several referrals have this number; give the id of the Task',
      },
    };
  const task = await taskOfReferral(store, `ServiceRequest/${first.id}`);
  if (!task)
    return {
      field: 'referral-number',
      problem: { zh: '此单没有可办的任务', en: 'the referral has no Task that you may see' },
    };
  return { task, referral: first };
}

/** Referrals of one number that are looked at. */
const most = 5;

/** The action of a row. */
export function actionIn(row: FlatRow): string {
  return String(codingIn(row, 'action')?.code);
}

/** The state that a row names for after the step; an action such as 未到诊 names it itself. */
export function stateIn(row: FlatRow, mapping: Mapping): string | undefined {
  const stated = codingIn(row, 'state')?.code;
  if (stated !== undefined) return stated;
  const field = mapping.fields.find(({ code }) => code === 'state')!;
  const written = row.written.get('action');
  const named = typeof written === 'string' ? mapping.tableOf(field).find(written) : undefined;
  return named?.system === codeSystems.businessStatus && actionIn(row) === 'fail' ? named.code : undefined;
}

export function patientOf(task: Resource): Element {
  return elements(task, 'for')[0] ?? {};
}

/** The organization that a Task is with. */
export function ownerOf(task: Resource): Element {
  return elements(task, 'owner')[0] ?? {};
}

export function referenceIn(element: Element): string {
  return string(element, 'reference') ?? '';
}
