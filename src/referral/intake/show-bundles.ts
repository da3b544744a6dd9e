import { operationOutcome } from '../../fhir/outcome.ts';
import type { Resource } from '../../fhir/resource.ts';
import type { Server } from '../../interactions/server.ts';
import type { Directory } from './directory/directory.ts';
import { storedDirectory } from './directory/stored-directory.ts';
import type { Problem } from './problem.ts';
import type { Sent } from './read/sent.ts';
import { referralOf } from './referral-of.ts';
import type { RowReader } from './row.ts';

/**
 * The bundles that rows would be sent as: that of a single row as it is, those of several in a collection, in which a row
 * that becomes none has an OperationOutcome instead. Nothing is judged or kept.
 */
export async function showBundles(sent: Sent, reader: RowReader, server: Server): Promise<Resource> {
  const shown = await bundlesOf(sent, reader, storedDirectory(server), server.actor?.organization);
  const [only] = shown;
  return shown.length === 1
    ? only!
    : { resourceType: 'Bundle', type: 'collection', entry: shown.map((resource) => ({ resource })) };
}

/** The bundle of each row, or the OperationOutcome of what is wrong with it. */
export async function bundlesOf(
  { rows }: Sent,
  reader: RowReader,
  directory: Directory,
  acting: string | undefined,
): Promise<Resource[]> {
  const shown: Resource[] = [];
  for (const row of rows) {
    const made = await referralOf(row, reader, directory, acting);
    shown.push('problems' in made ? outcomeOf(row.number, made.problems) : made.referral.bundle);
  }
  return shown;
}

function outcomeOf(row: number, problems: readonly Problem[]): Resource {
  return operationOutcome(
    problems.map(({ text, column, found }) => ({
      severity: 'error',
      code: 'value',
      text: { zh: `第 ${row} 行:${text.zh}`, en: `row ${row}: ${text.en}` },
      diagnostics: [column, found].filter(Boolean).join(': '),
    })),
  );
}
