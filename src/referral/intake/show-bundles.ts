import { operationOutcome } from '../../fhir/outcome.ts';
import type { Resource } from '../../fhir/resource.ts';
import type { Server } from '../../interactions/server.ts';
import { storedDirectory } from './directory/stored-directory.ts';
import type { Problem } from './problem.ts';
import type { Sent } from './read/sent.ts';
import { referralOf } from './referral-of.ts';
import type { RowReader } from './row.ts';
import { stepOf } from './steps/step-of.ts';

/**
 * The bundles that rows would be sent as: that of a single row as it is, those of several in a collection, in which a row
 * that becomes none has an OperationOutcome instead. Nothing is judged or kept.
 */
export async function showBundles({ rows }: Sent, reader: RowReader, server: Server): Promise<Resource> {
  const directory = storedDirectory(server);
  const shown: Resource[] = [];
  for (const row of rows) {
    const made =
      reader.form === 'referral'
        ? await referralOf(row, reader, directory, server.actor?.organization)
        : await stepOf(row, reader, directory, server);
    shown.push('problems' in made ? outcomeOf(row.number, made.problems) : bundleIn(made));
  }
  const [only] = shown;
  return shown.length === 1
    ? only!
    : { resourceType: 'Bundle', type: 'collection', entry: shown.map((resource) => ({ resource })) };
}

function bundleIn(made: { referral: { bundle: Resource } } | { step: { bundle: Resource } }): Resource {
  return 'step' in made ? made.step.bundle : made.referral.bundle;
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
