import type { Operation } from '../interactions/operation.ts';
import { referralHistory } from './history/history.ts';

/** The operations of the referral part. */
export const referralOperations: readonly Operation[] = [referralHistory];
