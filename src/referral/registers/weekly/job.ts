import { createHash } from 'node:crypto';
import type { Resource } from '../../../fhir/resource.ts';
import { and, or, type Query } from '../../../fhir/search/query.ts';
import { creationOf } from '../../../interactions/operation-changes.ts';
import type { Server } from '../../../interactions/server.ts';
import { write } from '../../../interactions/write.ts';
import type { Job } from '../../../jobs/job.ts';
import type { Reader, Transaction } from '../../../store/store.ts';
import { refersTo } from '../../queries.ts';
import { createReferences, pathOf } from '../../reference.ts';
import { taskPages } from '../cases.ts';
import { codeWords } from '../codes.ts';
import type { LedgerRow } from '../ledger/columns.ts';
import { headingsOf } from '../ledger/headings.ts';
import { ledgerPages } from '../ledger/rows.ts';
import { sealIn, weeklyDocument } from './document.ts';
import { closedWeeks, type LedgerWeek } from './week.ts';

/** After so many weeks without a server what was not closed stays open. */
const weeksBack = 8;
/** Of so many referrals the ledger of a week has room; a county hospital receives some hundreds. */
const mostRows = 5_000;
const pageSize = 500;
/** So long before a week what comes late is looked for, in milliseconds. */
const lateness = 90 * 86_400_000;

/**
 * The job that closes the week of each institution on Friday at 18:00, at the next start where no server was running then,
 * oldest week first. A closed week is a document of its own, under an id that its week and institution give: another
 * process that comes at the same moment finds it there.
 */
export function weeklyClose(): Job {
  /** Weeks of which nothing is left to be closed: what comes after a close is late, and of the next week. */
  const done = new Set<string>();
  return {
    name: 'weekly-close',
    find: async (server) => {
      const items: string[] = [];
      for (const week of closedWeeks(server.now(), weeksBack).reverse()) {
        if (done.has(week.name)) continue;
        const open = await openLedgers(week, server);
        if (open.length === 0) done.add(week.name);
        items.push(...open);
      }
      return { items };
    },
    run: async (server, transaction, item) => {
      const [name, organization] = item.split('/') as [string, string];
      const week = closedWeeks(server.now(), weeksBack).find((each) => each.name === name);
      if (!week || (await transaction.read('Bundle', idOf(week, organization)))) return;
      const made = await documentOf(week, organization, server, transaction);
      if (made) await keep(made, organization, server, transaction);
    },
  };
}

/** `week/organization` of the ledgers of a week that are not closed yet. */
async function openLedgers(week: LedgerWeek, server: Server): Promise<string[]> {
  const parties = new Set<string>();
  const references = createReferences(server.base);
  for await (const found of taskPages(() => server.store, week, { kind: 'all' }, { each: pageSize })) {
    for (const { task } of found) {
      for (const side of ['requester', 'owner']) {
        const party = references.target(task, side, 'Organization');
        if (party) parties.add(party.id);
      }
    }
  }
  const open: string[] = [];
  for (const id of [...parties].sort()) {
    if (!(await server.store.read('Bundle', idOf(week, id)))) open.push(`${week.name}/${id}`);
  }
  return open;
}

/** The id of a closed week: the organization's own id can be too long to stand in it. */
function idOf({ name }: LedgerWeek, organization: string): string {
  return `ledger-${name}-${createHash('sha256').update(organization).digest('hex').slice(0, 24)}`;
}

async function documentOf(
  week: LedgerWeek,
  organization: string,
  server: Server,
  transaction: Transaction,
): Promise<Resource | undefined> {
  const stored = await transaction.read('Organization', organization);
  if (!stored?.text) return undefined;
  const target = { type: 'Organization', id: organization };
  const ofIt = or([refersTo('sender', target), refersTo('receiver', target)]);
  const sinceClose: Query = { kind: 'updated', is: { gte: week.from } };
  const rows = await rowsOf(week, ofIt, server, transaction);
  const before = { from: week.from - lateness, until: week.from };
  const late = (await rowsOf(before, and([ofIt, sinceClose]), server, transaction)).filter(
    ({ case: { times } }) => times.submitted >= week.from && times.submitted < week.until,
  );
  const tasks: Resource[] = [];
  for (const { case: of } of [...rows, ...late]) {
    const task = await transaction.read('Task', of.task);
    if (task?.text) tasks.push(JSON.parse(task.text) as Resource);
  }
  const [previous] = closedWeeks(week.from, 1);
  const sealed = previous && (await transaction.read('Bundle', idOf(previous, organization)));
  return weeklyDocument({
    id: idOf(week, organization),
    week,
    organization: JSON.parse(stored.text) as Resource,
    headings: await headingsOf(server),
    rows,
    late: late.map((row, index) => ({ ...row, row: index + 1 })),
    tasks,
    previous: sealed?.text ? sealIn(JSON.parse(sealed.text) as Resource)?.hash : undefined,
    base: server.base,
  });
}

async function rowsOf(
  period: { from: number; until: number },
  filter: Query,
  server: Server,
  reader: Reader,
): Promise<LedgerRow[]> {
  const rows: LedgerRow[] = [];
  const source = {
    reader: () => reader,
    references: createReferences(server.base),
    words: codeWords(server.definitions),
    now: server.now(),
  };
  for await (const page of ledgerPages(source, period, filter)) {
    // What a row names is forgotten with its page.
    rows.push(...page.rows.map((row) => ({ ...row, named: frozen(row) })));
    if (rows.length >= mostRows) break;
  }
  return rows.slice(0, mostRows);
}

/** What a row names, as it was found with its page. */
function frozen({ case: of, named }: LedgerRow): LedgerRow['named'] {
  const known = new Map<string, Resource | undefined>();
  const keep = (path: string | undefined) => {
    if (path === undefined || known.has(path)) return;
    const resource = named(path);
    known.set(path, resource);
    for (const member of ['practitioner', 'healthcareService']) {
      const value = resource?.[member];
      for (const each of Array.isArray(value) ? value : [value])
        keep((each as { reference?: string } | undefined)?.reference);
    }
  };
  for (const path of [
    of.patient,
    of.sender,
    of.receiver,
    of.department,
    of.doctor,
    of.liaison,
    ...of.reasons,
  ])
    keep(path);
  return (path) => (path === undefined ? undefined : known.get(path));
}

/** Keeps a closed week as what its institution has written: so that it, and the office of its alliance, may read it. */
async function keep(
  document: Resource,
  organization: string,
  server: Server,
  transaction: Transaction,
): Promise<void> {
  const author = pathOf({ type: 'Organization', id: organization });
  const asIts: Transaction = {
    ...transaction,
    put: (next, replaced) => transaction.put({ ...next, author }, replaced),
  };
  const asSystem = { ...server, actor: { roles: [], isSystem: true as const } };
  const change = creationOf(server, document.id!, document);
  await write(asSystem, asIts, [change], { noted: change.issues, isBroken: change.isBroken });
}
