import type { Problem } from './problem.ts';

/** Where a referral is: what a flat list says of it. */
export interface ReferralState {
  /** `Task/[id]` */
  task?: string;
  /** `status:businessStatus` of the Task. */
  state?: string;
  /** Who owes the next step, and until when. */
  waitingFor?: string;
  due?: string;
}

/** What became of a row. */
export type RowResult =
  | ({
      row: number;
      result: 'accepted' | 'repeated';
      number: string;
      /** `ServiceRequest/[id]`, `Patient/[id]`; not of what is judged alone, or may not be seen. */
      referral?: string;
      patient?: string;
      warnings?: readonly Problem[];
    } & ReferralState)
  | {
      row: number;
      result: 'refused';
      /** The HTTP status that it would have alone. */
      status: number;
      number: string | undefined;
      problems: readonly Problem[];
    };

/**
 * The HTTP status of an answer about rows: 200 where none is refused; that of the row where there is but one; 422 where
 * all are refused, and 207 (RFC 4918) where some are: then each row says what became of it.
 */
export function statusOfRows(results: readonly RowResult[]): number {
  const refused = results.flatMap((each) => (each.result === 'refused' ? [each.status] : []));
  if (refused.length === 0) return 200;
  if (refused.length < results.length) return 207;
  const [first] = refused;
  return refused.every((status) => status === first) ? first! : 422;
}
