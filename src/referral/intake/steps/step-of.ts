import type { Element, Resource } from '../../../fhir/resource.ts';
import type { Server } from '../../../interactions/server.ts';
import { localInstant } from '../../registers/local-time.ts';
import { textIn } from '../bundle/part.ts';
import type { Directory } from '../directory/directory.ts';
import type { Problem } from '../problem.ts';
import type { SentRow } from '../read/sent.ts';
import type { FlatRow, RowReader } from '../row.ts';
import { stepParameters } from './parameters.ts';
import { findTask, problemAt } from './step.ts';
import { type StepBundle, stepBundleOf } from './step-bundle.ts';

/** A row as the step that it is: the Task that it is taken on, its referral, and the transaction that it is sent as. */
export interface RowStep {
  row: FlatRow;
  task: Resource;
  referral: Resource | undefined;
  parameters: readonly Element[];
  step: StepBundle;
}

/** The step that a row is, or what is wrong with the row: with 404 where there is no such Task, else with 422. */
export async function stepOf(
  sent: SentRow,
  reader: RowReader,
  directory: Directory,
  server: Server,
): Promise<RowStep | { number: string | undefined; status: number; problems: readonly Problem[] }> {
  const { row, problems } = reader.read(sent);
  const number = textIn(row, 'referral-number');
  const refused = (found: readonly Problem[], status = 422) => ({ number, status, problems: found });
  if (problems.length > 0) return refused(problems);
  const { mapping } = reader;
  const found = await findTask(row, server);
  if ('problem' in found) return refused([problemAt({ row, mapping }, found.field, found.problem)], 404);
  const { task, referral } = found;
  const now = localInstant(server.now());
  const made = await stepParameters({ row, task, referral, directory, mapping, now });
  if ('problems' in made) return refused(made.problems);
  return { row, task, referral, parameters: made.parameters, step: stepBundleOf(row, task, made) };
}
