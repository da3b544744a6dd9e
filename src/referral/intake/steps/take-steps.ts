import { isError } from '../../../fhir/outcome.ts';
import { Refusal } from '../../../fhir/refusal.ts';
import type { Server } from '../../../interactions/server.ts';
import type { Store } from '../../../store/store.ts';
import { textIn } from '../bundle/part.ts';
import type { Directory } from '../directory/directory.ts';
import { storedDirectory } from '../directory/stored-directory.ts';
import { problemOfIssue } from '../places.ts';
import type { Sent, SentRow } from '../read/sent.ts';
import type { RowResult } from '../result.ts';
import { stateOfReferral } from '../state-of-referral.ts';
import { eachRow, type TakingIn } from '../take-in.ts';
import { patientOf } from './step.ts';
import { stepOf } from './step-of.ts';
import { isRedirected, isTaken } from './taken-before.ts';

/**
 * Takes the steps of rows, one after the other: each is the operation on the Task, with the resources that it refers to,
 * in a transaction of its own. A step after which the Task is already is answered as repeated.
 */
export function takeSteps(sent: Sent, taking: TakingIn): Promise<RowResult[]> {
  const directory = storedDirectory(taking.server);
  return eachRow(sent, taking, (row) => takeStep(row, directory, taking));
}

async function takeStep(sent: SentRow, directory: Directory, taking: TakingIn): Promise<RowResult> {
  const { server, reader, submit, isDry } = taking;
  const made = await stepOf(sent, reader, directory, server);
  if ('problems' in made) return { row: sent.number, result: 'refused', ...made };
  const { row, task, referral, step } = made;
  const path = referral && `ServiceRequest/${referral.id}`;
  const { reference: patient } = patientOf(task);
  const told = async (result: 'accepted' | 'repeated'): Promise<RowResult> => ({
    row: row.number,
    result,
    number: textIn(row, 'referral-number')!,
    ...(path && { referral: path }),
    ...(patient !== undefined && { patient: String(patient) }),
    ...(path && (await stateOfReferral(server, path))),
  });
  if (isRedirected(made, server)) return told('repeated');
  try {
    if (isDry) await rolledBack(server, (dry) => submit(dry, step.bundle));
    else await submit(server, step.bundle);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    if (error.status === 409 && (await isTaken(made, server))) return told('repeated');
    return {
      row: row.number,
      result: 'refused',
      status: error.status,
      number: textIn(row, 'referral-number'),
      problems: error.issues.filter(isError).map((issue) => problemOfIssue(issue, row, step, reader)),
    };
  }
  return told('accepted');
}

class RolledBack extends Error {}

/** Runs work to its end, and then keeps nothing of it: the store is told that it failed. */
async function rolledBack(server: Server, work: (dry: Server) => Promise<unknown>): Promise<void> {
  const { trail: _, ...unrecorded } = server;
  const store: Store = {
    ...server.store,
    write: async (change) => {
      let outcome: unknown;
      try {
        return await server.store.write(async (transaction) => {
          outcome = await change(transaction);
          throw new RolledBack();
        });
      } catch (error) {
        if (error instanceof RolledBack) return outcome as never;
        throw error;
      }
    },
  };
  await work({ ...unrecorded, store });
}
