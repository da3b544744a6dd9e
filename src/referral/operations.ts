import type { Operation } from '../interactions/operation.ts';
import { appointmentOperations } from './appointments/operations.ts';
import { referralHistory } from './history/history.ts';
import { processMessage } from './messages/process-message.ts';
import { reimbursementHint } from './reimbursement/hint.ts';
import { submit } from './submission/submit.ts';
import { workflowOperations } from './workflow/operations.ts';

/** The operations of the referral part. */
export const referralOperations: readonly Operation[] = [
  referralHistory,
  ...workflowOperations,
  ...appointmentOperations,
  processMessage,
  submit,
  reimbursementHint,
];
