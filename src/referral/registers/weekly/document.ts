import { createHash, randomUUID } from 'node:crypto';
import type { Element, Resource } from '../../../fhir/resource.ts';
import { escaped } from '../../../html/escaped.ts';
import { extensions, identifierSystems } from '../../vocabulary.ts';
import type { LedgerRow } from '../ledger/columns.ts';
import { cellsOf, type Heading } from '../ledger/headings.ts';
import { localInstant, localTime } from '../local-time.ts';
import type { LedgerWeek } from './week.ts';

/** What a week of one institution is made from. */
export interface WeeklyLedger {
  id: string;
  week: LedgerWeek;
  /** `Organization/[id]`, as it is on record. */
  organization: Resource;
  headings: readonly Heading[];
  /** What was written in the week, and what was written before it and came after the close before. */
  rows: readonly LedgerRow[];
  late: readonly LedgerRow[];
  /** The Tasks of all rows, as they stand at the close. */
  tasks: readonly Resource[];
  /** The hash of the week before, where one was closed. */
  previous: string | undefined;
  base: string;
}

/**
 * The document Bundle (http://hl7.org/fhir/R4/documents.html) of a closed week: the table of its ledger, what came late,
 * and the Tasks as they stood. It is sealed by SHA-256 over the JSON of its sections and of what follows the Composition,
 * and over the seal of the week before: whoever changes a week breaks all that come after it.
 */
export function weeklyDocument(ledger: WeeklyLedger): Resource {
  const { id, week, organization, headings, rows, late, tasks, previous, base } = ledger;
  const sections = [section('本周转诊', headings, rows, base), section('迟报转诊', headings, late, base)];
  const held = [organization, ...tasks].map((resource) => ({
    fullUrl: `${base}/${resource.resourceType}/${resource.id}`,
    resource,
  }));
  const seal = sealOf(sections, held, previous);
  const author = {
    reference: `${base}/Organization/${organization.id}`,
    display: String(organization.name ?? ''),
  };
  return {
    resourceType: 'Bundle',
    id,
    language: 'zh-CN',
    identifier: { system: identifierSystems.weeklyLedger, value: `${week.name}/${organization.id}` },
    type: 'document',
    timestamp: localInstant(week.until),
    entry: [
      {
        fullUrl: `urn:uuid:${randomUUID()}`,
        resource: {
          resourceType: 'Composition',
          language: 'zh-CN',
          extension: [
            {
              url: extensions.ledgerSeal,
              extension: [
                { url: 'hash', valueString: seal },
                ...(previous === undefined ? [] : [{ url: 'previous', valueString: previous }]),
              ],
            },
          ],
          status: 'final',
          type: { text: '双向转诊台账' },
          date: localInstant(week.until),
          author: [author],
          title: `${author.display} ${week.name} 双向转诊台账(${localTime(week.from)} 至 ${localTime(week.until)})`,
          custodian: author,
          section: sections,
        },
      },
      ...held,
    ],
  };
}

/** The seal of a document, in hexadecimal digits. */
export function sealOf(
  sections: readonly Element[],
  held: readonly object[],
  previous: string | undefined,
): string {
  return createHash('sha256')
    .update(JSON.stringify([previous ?? null, sections, held]))
    .digest('hex');
}

/** The seal that a document says, and whether it is that of its content. */
export function sealIn({ entry }: Resource): { hash: string; isIntact: boolean } | undefined {
  const [first, ...held] = entry as { resource: Resource }[];
  const { extension = [], section } = first!.resource as { extension?: Element[]; section?: Element[] };
  const parts = (extension.find(({ url }) => url === extensions.ledgerSeal)?.extension ?? []) as Element[];
  const value = (name: string) => parts.find(({ url }) => url === name)?.valueString as string | undefined;
  const hash = value('hash');
  if (hash === undefined || !section) return undefined;
  return { hash, isIntact: sealOf(section, held, value('previous')) === hash };
}

function section(
  title: string,
  headings: readonly Heading[],
  rows: readonly LedgerRow[],
  base: string,
): Element {
  const text = `<div xmlns="http://www.w3.org/1999/xhtml">${rows.length === 0 ? '<p>无</p>' : tableOf(headings, rows)}</div>`;
  return {
    title,
    text: { status: 'generated', div: text },
    ...(rows.length > 0
      ? { entry: rows.map((row) => ({ reference: `${base}/Task/${row.case.task}` })) }
      : {
          emptyReason: {
            coding: [{ system: 'http://terminology.hl7.org/CodeSystem/list-empty-reason', code: 'nilknown' }],
          },
        }),
  };
}

function tableOf(headings: readonly Heading[], rows: readonly LedgerRow[]): string {
  const line = (cells: readonly unknown[], tag: string) =>
    `<tr>${cells.map((cell) => `<${tag}>${escaped(String(cell ?? ''))}</${tag}>`).join('')}</tr>`;
  const head = line(
    headings.map(({ text }) => text),
    'th',
  );
  return `<table>${head}${cellsOf(headings, { rows: [...rows] })
    .map((cells) => line(cells, 'td'))
    .join('')}</table>`;
}
