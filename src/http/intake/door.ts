import type { Request as ExpressRequest, RequestHandler, Response } from 'express';
import type { Logger } from 'pino';
import type { Audit } from '../../access/audit/audit.ts';
import type { Actor } from '../../interactions/actor.ts';
import { createAnswerRoom } from '../../interactions/answer-room.ts';
import type { Asked } from '../../interactions/audited.ts';
import type { Server } from '../../interactions/server.ts';
import type { Authenticate } from '../app.ts';
import { asRefusal } from '../as-refusal.ts';
import { identify } from '../identify.ts';
import { createPresence, type See } from '../present.ts';
import { withPurpose } from '../purpose.ts';
import { writeRefusal } from '../response.ts';

/** What doors beside FHIR's own API need: the same proof of who asks, the same view of the store, the same record. */
export interface DoorOptions {
  server: Server;
  authenticate: Authenticate;
  see: See;
  audit?: Audit | undefined;
  maxBodyBytes: number;
  log: Logger;
}

/** Does what is asked, with the server as it is for whoever asks, and writes the answer. */
export type Serve = (present: Server, message: ExpressRequest, response: Response) => Promise<void>;

/**
 * Makes handlers of addresses beside FHIR's API, for clients that know no FHIR. Who they are, what they may see and what
 * is recorded is as everywhere; what is refused is an OperationOutcome. What is asked of the API on the way is recorded
 * there; what is refused before is recorded here. What is open is served to strangers as well, to whom nothing that is
 * stored is shown.
 */
export function createDoor({ server, authenticate, see, audit, maxBodyBytes, log }: DoorOptions) {
  const room = createAnswerRoom(2 * Math.max(server.limits.maxAnswerBytes, maxBodyBytes));
  const presence = createPresence(server, see, room);
  return (serve: Serve, { isOpen = false } = {}): RequestHandler =>
    async (message, response) => {
      response.setHeader('Cache-Control', 'no-store');
      response.vary('Accept');
      const requestId = identify(message, response);
      let actor: Actor | undefined;
      const trail = () => audit?.trail({ requestId, from: message.ip, actor });
      try {
        const isStranger = isOpen && !says(message);
        actor = isStranger ? undefined : withPurpose(await authenticate(message), message);
        const { present } = await presence(message, response, actor, trail());
        await serve(present, message, response);
      } catch (error) {
        const refusal = asRefusal(error, log, requestId);
        const told = trail();
        await told
          ?.open()
          .then(() => told.refused(askedBy(message), refusal.status))
          .catch((failed) => asRefusal(failed, log, requestId));
        if (!response.headersSent)
          writeRefusal(response, refusal, { type: 'application/fhir+json', pretty: true });
        else response.destroy();
      }
    };
}

/** Whether a request says who makes it. */
function says({ headers }: ExpressRequest): boolean {
  return ['authorization', 'x-api-key', 'x-acting-organization', 'x-acting-roles'].some(
    (name) => name in headers,
  );
}

function askedBy({ method }: ExpressRequest): Asked {
  return { method: method === 'POST' ? 'POST' : 'GET', interaction: 'unknown', query: [] };
}
