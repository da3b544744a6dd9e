import { refuse } from '../../fhir/refusal.ts';
import type { Resource } from '../../fhir/resource.ts';
import { jsonOf } from '../../interactions/answer.ts';
import type { QueryParameter } from '../../interactions/request.ts';
import type { Server } from '../../interactions/server.ts';
import { storedDirectory } from '../../referral/intake/directory/stored-directory.ts';
import { flatCells, flatReferrals, listColumns } from '../../referral/intake/list/flat-list.ts';
import { intakeRefusals } from '../../referral/intake/refusals.ts';
import { readDate } from '../../referral/intake/values/dates.ts';
import { csvFile } from '../../spreadsheet/csv.ts';
import type { Serve } from './door.ts';
import type { IntakeOptions } from './intake.ts';
import { isOn, oneOf, readParameters, wantsCsv } from './parameters.ts';

const names = ['organization', 'changed-since', 'role', 'open', 'number', 'count', 'page', 'format'] as const;

/** Whose Tasks a role asks for. */
const roles = {
  sender: ['requester'],
  receiver: ['owner'],
  waiting: ['waiting-for'],
  any: ['requester', 'owner'],
} as const;

/** What is shown of a page unless more or less is asked for. */
const defaultCount = 100;

/**
 * The flat list of referrals, those changed first first: `GET /intake/referrals`, by `organization`, `role`,
 * `changed-since`, `number` and whether they are `open`. It is a search of Tasks like any other, and shows and records
 * what that does.
 */
export function listReferrals({ router }: IntakeOptions): Serve {
  const { route, address } = router('GET', ['Task']);
  return async (present, message, response) => {
    const parameters = readParameters(message, names);
    const format = oneOf(parameters, 'format', ['json', 'csv']);
    const query = await queryOf(present, parameters);
    const answer = await route.run(present, { method: 'GET', ...address, query, prefer: {} });
    const searchset = JSON.parse(jsonOf(answer)!) as Resource;
    const parts = { definitions: present.definitions, base: present.base, now: present.now() };
    const next = nextOf(searchset, message.url, present.base);
    if (next !== undefined) response.setHeader('Link', `<${next}>; rel="next"`);
    if (wantsCsv(message, format)) {
      const titles = listColumns.map(({ title }) => title);
      response.type('text/csv; charset=utf-8').send(csvFile([titles, ...flatCells(searchset, parts)]));
      return;
    }
    const referrals = flatReferrals(searchset, parts);
    response.json({ referrals, ...(next !== undefined && { next }) });
  };
}

async function queryOf(present: Server, parameters: ReadonlyMap<string, string>): Promise<QueryParameter[]> {
  const role = oneOf(parameters, 'role', ['sender', 'receiver', 'waiting', 'any']) ?? 'any';
  const organization = await organizationOf(present, parameters.get('organization'));
  const since = parameters.get('changed-since');
  const number = parameters.get('number');
  const page = parameters.get('page');
  return [
    ['code', 'http://hl7.org/fhir/CodeSystem/task-code|fulfill'],
    ...(organization === undefined
      ? []
      : [['_filter', roles[role].map((name) => `${name} eq "${organization}"`).join(' or ')] as const]),
    ...(since === undefined ? [] : [['_lastUpdated', `ge${instantOf(since)}`] as const]),
    ...(number === undefined
      ? []
      : [['focus:ServiceRequest.identifier', number.replace(/[\\,|$]/g, '\\$&')] as const]),
    ...(isOn(parameters, 'open')
      ? [['status:not', 'completed,cancelled,rejected,failed,entered-in-error'] as const]
      : []),
    ['_sort', '_lastUpdated'],
    ['_count', String(countOf(parameters.get('count'), present.limits.maxPageSize))],
    ...['focus', 'patient', 'requester', 'owner'].map((name) => ['_include', `Task:${name}`] as const),
    ...(page === undefined ? [] : [['_cursor', page] as const]),
  ];
}

/** The organization that is asked for, by id, code or name; the one that who asks acts for where none is. */
async function organizationOf(present: Server, called: string | undefined): Promise<string | undefined> {
  if (called === undefined) return present.actor?.organization;
  if (/^Organization\/[A-Za-z0-9\-.]{1,64}$/.test(called)) return called;
  const directory = storedDirectory(present);
  const byNumber = await directory.organization({ number: called });
  const found = 'reference' in byNumber ? byNumber : await directory.organization({ name: called });
  if ('reference' in found) return String(found.reference.reference);
  throw refuse(intakeRefusals.parameter, [
    'organization',
    called.slice(0, 100),
    {
      zh: '已登记机构的 Organization/[id]、代码或名称',
      en: 'Organization/[id], code or name of an organization on record',
    },
  ]);
}

const fhirInstant = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/;

/** A time as people write it, or as FHIR does. */
function instantOf(written: string): string {
  // A plus that was not encoded has become a space.
  const instant = written.replace(/ (\d{2}:\d{2})$/, '+$1');
  if (fhirInstant.test(instant) && !Number.isNaN(Date.parse(instant))) return instant;
  const read = readDate(written);
  if ('date' in read)
    return read.time === undefined ? `${read.date}T00:00:00+08:00` : `${read.date}T${read.time}`;
  throw refuse(intakeRefusals.parameter, [
    'changed-since',
    written.slice(0, 60),
    {
      zh: '日期,如 2026-01-05 或 2026-01-05T09:30:00+08:00',
      en: 'a date, e.g. 2026-01-05 or 2026-01-05T09:30:00+08:00',
    },
  ]);
}

function countOf(given: string | undefined, most: number): number {
  if (given === undefined) return Math.min(defaultCount, most);
  const count = Number(given);
  if (Number.isInteger(count) && count >= 1) return Math.min(count, most);
  throw refuse(intakeRefusals.parameter, ['count', given.slice(0, 20), `1…${most}`]);
}

/** The address of the next page: this one with the place where the search goes on. */
function nextOf(searchset: Resource, url: string, base: string): string | undefined {
  const links = (searchset.link ?? []) as { relation: string; url: string }[];
  const next = links.find(({ relation }) => relation === 'next');
  const cursor = next && new URL(next.url).searchParams.get('_cursor');
  if (!cursor) return undefined;
  const here = new URL(url, base);
  here.searchParams.set('page', cursor);
  return here.href;
}
