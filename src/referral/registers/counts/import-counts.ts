import { randomUUID } from 'node:crypto';
import { elements, string } from '../../../fhir/elements.ts';
import { Refusal } from '../../../fhir/refusal.ts';
import { isElement, type Resource } from '../../../fhir/resource.ts';
import { invalid } from '../../../fhir/search/values.ts';
import type { Operation, OperationRequest } from '../../../interactions/operation.ts';
import { changeOf, creationOf } from '../../../interactions/operation-changes.ts';
import type { Server } from '../../../interactions/server.ts';
import { write } from '../../../interactions/write.ts';
import type { Transaction } from '../../../store/store.ts';
import { hasIdentifier } from '../../queries.ts';
import { identifierSystems, importCountsUrl } from '../../vocabulary.ts';
import { admitToCases } from '../asker.ts';
import { readDirectory } from '../directory.ts';
import { localInstant } from '../local-time.ts';
import { measuresOf } from '../measures/operations.ts';
import { type CountRow, readCounts } from './read-counts.ts';

/** The sets of Measures whose numbers come from people, or from others. */
const sets = ['hand-counts', 'outside-data', 'national-2024'];

/**
 * `$import-counts`: takes a table (CSV) of counts that only people know, and keeps each row as a MeasureReport of its
 * institution and period; a row that was imported before takes the place of what it said. All rows are kept or none: what
 * is wrong is told by row and column, with 422.
 */
export const importCounts: Operation = {
  name: '$import-counts',
  definition: importCountsUrl,
  on: { system: true },
  affectsState: true,
  run: async (request, server) => {
    admitToCases(server.actor);
    const plans = (await Promise.all(sets.map((set) => measuresOf(set, request.store)))).flat();
    const directory = await readDirectory(request.store, server.now());
    const { rows, issues } = readCounts(tableOf(request), plans, directory);
    if (issues.length > 0) throw new Refusal(422, issues);
    const kept = await server.store.write((transaction) => keepReports(rows, server, transaction));
    return {
      status: 200,
      resource: {
        resourceType: 'Bundle',
        type: 'collection',
        entry: kept.map((text) => {
          const resource = JSON.parse(text) as Resource;
          return { fullUrl: `${request.base}/MeasureReport/${resource.id}`, resource };
        }),
      },
    };
  },
};

/** The table: a parameter `csv`, or a Binary of it. */
function tableOf({ body, parameters }: OperationRequest): string {
  if (body?.resourceType === 'Binary' && typeof body.data === 'string')
    return Buffer.from(body.data, 'base64').toString('utf8');
  const given = parameters.get('csv')?.[0];
  if (given !== undefined) return given;
  throw invalid('csv', {
    zh: '须给出表格(CSV),或以 Binary 提交',
    en: 'it is required, as a string or as a Binary',
  });
}

async function keepReports(
  rows: readonly CountRow[],
  server: Server,
  transaction: Transaction,
): Promise<string[]> {
  const changes = [];
  for (const row of rows) {
    const report = reportOf(row, server.now());
    const [identifier] = elements(report, 'identifier');
    const key = `${string(identifier, 'system')}|${string(identifier, 'value')}`;
    await transaction.exclusive(`MeasureReport?${key}`);
    const [known] = await transaction.search({
      type: 'MeasureReport',
      filter: hasIdentifier('identifier', key),
      sort: [],
      limit: 1,
    });
    const id = known?.version.id ?? randomUUID();
    changes.push(
      known ? changeOf(server, known.version, { ...report, id }) : creationOf(server, id, { ...report, id }),
    );
  }
  const noted = changes.flatMap(({ issues }) => issues);
  const isBroken = changes.some((change) => change.isBroken);
  const kept = await write(server, transaction, changes, { noted, isBroken });
  return kept.flatMap(({ version }) => version?.text ?? []).slice(0, rows.length);
}

function reportOf({ plan, organization, start, end, counts }: CountRow, now: number): Resource {
  const [group] = plan.groups;
  const of = `${plan.resource.id}/${organization.path.split('/')[1]}/${start}/${end}`;
  return {
    resourceType: 'MeasureReport',
    language: 'zh-CN',
    identifier: [{ system: identifierSystems.importedCount, value: of }],
    status: 'complete',
    type: 'summary',
    measure: plan.url,
    date: localInstant(now),
    reporter: { reference: organization.path, display: organization.name },
    period: { start, end },
    group: [
      {
        ...(isElement(group?.code) && { code: group.code }),
        population: group!.populations.map(({ code, name }) => ({ code, count: counts.get(name) ?? 0 })),
      },
    ],
  };
}
