import type { Logger } from 'pino';
import { Refusal, refusals, refuse } from '../fhir/refusal.ts';
import { NotInForce } from '../interactions/not-in-force.ts';

/** A Refusal stays what it is. Anything else is a defect: logged under a number, which is all that the client learns. */
export function asRefusal(error: unknown, log: Logger, requestId: string): Refusal {
  if (error instanceof Refusal) return error;
  // An error's message may quote data: only its name and where it arose are logged.
  const { name, stack = '' } = error instanceof Error ? error : new Error('not an Error');
  const frames = stack.split('\n').filter((line) => /^\s+at /.test(line));
  log.error({ requestId, error: name, frames }, 'internal error');
  return refuse(refusals.internal, [requestId]);
}

/**
 * Who is told of errors in work that nobody waits for. That a stored resource does not hold is said in words, for whoever
 * runs the server to mend; anything else is a defect.
 */
export function reportTo(log: Logger): (error: unknown) => void {
  return (error) => {
    if (error instanceof NotInForce)
      log.warn({ resource: error.path, reason: error.reason }, 'a stored resource is not in force');
    else asRefusal(error, log, 'background');
  };
}
