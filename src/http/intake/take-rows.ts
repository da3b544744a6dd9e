import type { Request as ExpressRequest, Response } from 'express';
import { refuse } from '../../fhir/refusal.ts';
import type { Server } from '../../interactions/server.ts';
import { answerCsv, answerOf } from '../../referral/intake/answer.ts';
import type { Form } from '../../referral/intake/fields.ts';
import type { Sent } from '../../referral/intake/read/sent.ts';
import { intakeRefusals } from '../../referral/intake/refusals.ts';
import { type RowResult, statusOfRows } from '../../referral/intake/result.ts';
import {
  type RowReader,
  repeatedColumn,
  type UnreadColumn,
  unreadColumns,
} from '../../referral/intake/row.ts';
import { showBundles } from '../../referral/intake/show-bundles.ts';
import { takeSteps } from '../../referral/intake/steps/take-steps.ts';
import { type TakingIn, takeIn } from '../../referral/intake/take-in.ts';
import { asRefusal } from '../as-refusal.ts';
import type { Serve } from './door.ts';
import type { IntakeOptions } from './intake.ts';
import { isOn, oneOf, readParameters, wantsCsv } from './parameters.ts';
import { readRowsOf } from './read-body.ts';

/** Takes in referrals: `POST /intake/referrals`, with `dry-run`, `mapping` and `format`. */
export function takeReferrals(options: IntakeOptions): Serve {
  return takeRows(options, 'referral', takeIn);
}

/** Takes steps: `POST /intake/steps`, with `dry-run`, `mapping` and `format`. */
export function takeStepsOf(options: IntakeOptions): Serve {
  return takeRows(options, 'step', takeSteps);
}

function takeRows(
  { mappings, router, maxBodyBytes, log }: IntakeOptions,
  form: Form,
  take: (sent: Sent, taking: TakingIn) => Promise<RowResult[]>,
): Serve {
  const submission = router('POST', []).route;
  return async (present, message, response) => {
    const parameters = readParameters(message, ['dry-run', 'mapping', 'format']);
    const format = oneOf(parameters, 'format', ['json', 'csv', 'bundle']);
    const isDry = isOn(parameters, 'dry-run');
    const sent = await readRowsOf(message, maxBodyBytes);
    const choice = { organization: present.actor?.organization, named: parameters.get('mapping') };
    const reader = await mappings.reader(present, form, choice);
    const unread = checkColumns(sent, reader);
    if (isDry || format === 'bundle') await recordJudging(present);
    if (format === 'bundle') {
      response.type('application/fhir+json').send(JSON.stringify(await showBundles(sent, reader, present)));
      return;
    }
    const results = await take(sent, {
      server: present,
      reader,
      isDry,
      isGone: () => response.closed && !response.writableFinished,
      contain: (error) => asRefusal(error, log, String(response.getHeader('X-Request-Id'))),
      submit: (server: Server, body) =>
        submission.run(server, { method: 'POST', query: [], prefer: {}, body }),
    });
    writeResults(message, response, results, { unread, isDry, format });
  };
}

/** What is only judged is no transaction that would be recorded: it is recorded as what it is, a validation. */
async function recordJudging({ trail }: Server): Promise<void> {
  await trail?.open();
  const asked = {
    method: 'POST',
    interaction: 'operation',
    type: 'Bundle',
    operation: '$validate',
    query: [],
  } as const;
  await trail?.answered(asked, { status: 200 });
}

/** The columns that say nothing. Refuses with 400 where all do, and two of one name. */
export function checkColumns(sent: Sent, reader: RowReader): UnreadColumn[] {
  const repeated = repeatedColumn(sent.columns);
  if (repeated !== undefined) throw refuse(intakeRefusals.columnTwice, [repeated.slice(0, 100)]);
  const unread = unreadColumns(reader, sent);
  if (unread.length === sent.columns.length)
    throw refuse(intakeRefusals.noHeader, [String(reader.schema.$id)]);
  return unread;
}

/** Writes what became of rows, as JSON or CSV. */
export function writeResults(
  message: ExpressRequest,
  response: Response,
  results: readonly RowResult[],
  { unread, isDry, format }: { unread: readonly UnreadColumn[]; isDry: boolean; format: string | undefined },
): void {
  // What was only judged was judged as asked, whatever came of it.
  response.status(isDry ? 200 : statusOfRows(results));
  if (wantsCsv(message, format)) response.type('text/csv; charset=utf-8').send(answerCsv(results));
  else response.json(answerOf(results, unread, isDry));
}
