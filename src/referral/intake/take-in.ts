import type { Issue } from '../../fhir/outcome.ts';
import { Refusal, refusals, refuse } from '../../fhir/refusal.ts';
import type { Directory } from './directory/directory.ts';
import { storedDirectory } from './directory/stored-directory.ts';
import type { Sent, SentRow } from './read/sent.ts';
import { referralOf } from './referral-of.ts';
import type { RowResult } from './result.ts';
import { judged, type Sending, submitted } from './send-row.ts';

/** What rows are taken in with. */
export interface TakingIn extends Sending {
  /** Turns an error that is no Refusal into one, and reports it. */
  contain(error: unknown): Refusal;
  /** Judged alone: nothing is kept. */
  isDry: boolean;
  /** Whether whoever asked has gone. */
  isGone(): boolean;
}

/**
 * Takes in the rows of a form, one after the other: each becomes a transaction of its own, which is kept as a whole or
 * refused as a whole, whatever becomes of the others. Where the store does not answer, the rows from there on are told
 * to be sent again.
 */
export function takeIn(sent: Sent, taking: TakingIn): Promise<RowResult[]> {
  const directory = storedDirectory(taking.server);
  return eachRow(sent, taking, (row) => takeInRow(row, directory, taking));
}

/** Does each row in turn. What refuses a row, or fails in it, is told of it; the rest goes on unless the store is not there. */
export async function eachRow(
  { rows }: Sent,
  { isGone, contain }: Pick<TakingIn, 'isGone' | 'contain'>,
  work: (row: SentRow) => Promise<RowResult>,
): Promise<RowResult[]> {
  const results: RowResult[] = [];
  let unavailable: Refusal | undefined;
  for (const row of rows) {
    if (isGone()) unavailable ??= refuse(refusals.clientGone);
    const result = unavailable
      ? refusedBy(row, unavailable)
      : await work(row).catch((error) => refusedBy(row, error instanceof Refusal ? error : contain(error)));
    if (result.result === 'refused' && result.status > 500)
      unavailable ??= new Refusal(result.status, [notTried]);
    results.push(result);
  }
  return results;
}

const notTried: Issue = {
  severity: 'error',
  code: 'transient',
  text: {
    zh: '服务器暂时不可用,此行未处理,请重新提交',
    en: 'The server is not available; this row was not tried, send it again',
  },
};

async function takeInRow(sent: SentRow, directory: Directory, taking: TakingIn): Promise<RowResult> {
  const { server, reader } = taking;
  const made = await referralOf(sent, reader, directory, server.actor?.organization);
  if ('problems' in made) return { row: sent.number, result: 'refused', status: 422, ...made };
  const { row, referral } = made;
  return taking.isDry ? judged(row, referral, taking) : submitted(row, referral, taking);
}

function refusedBy({ number }: SentRow, refusal: Refusal): RowResult {
  return {
    row: number,
    result: 'refused',
    status: refusal.status,
    number: undefined,
    problems: refusal.issues.map(({ text }) => ({ text })),
  };
}
