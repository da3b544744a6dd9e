import type { Request as ExpressRequest, Response } from 'express';
import type { Actor } from '../interactions/actor.ts';
import type { AnswerRoom, AnswerShare } from '../interactions/answer-room.ts';
import type { Trail } from '../interactions/audited.ts';
import type { Server } from '../interactions/server.ts';
import { withAllowance } from '../store/allowance.ts';
import type { Allowance } from '../store/store.ts';
import { allowanceOf } from './allowance.ts';

/** The server as it is shown to whoever asks; undefined: where nobody has to say who they are. */
export type See = (server: Server, actor: Actor | undefined) => Server | Promise<Server>;

/** The server for one request, and what the request may take of it. */
export interface Presence {
  present: Server;
  allowance: Allowance;
  share: AnswerShare;
}

/** Shows a server to the requests that it gets: to each what its actor may see, within its bounds, and recorded. */
export function createPresence(server: Server, see: See, room: AnswerRoom) {
  return async (
    message: ExpressRequest,
    response: Response,
    actor: Actor | undefined,
    trail: Trail | undefined,
  ): Promise<Presence> => {
    const client = message.ip;
    const seen = await see(server, actor);
    const allowance = allowanceOf(message, response, server.limits.searchTimeout);
    const share = room.open(() => response.destroy());
    response.once('close', share.release);
    const present: Server = {
      ...seen,
      share,
      store: withAllowance(seen.store, allowance),
      ...(client && { client }),
      ...(trail && { trail }),
      eachPage: () => withAllowance(seen.store, allowance),
      // A batch can search by a parameter that an entry before has added.
      get parameters() {
        return server.parameters;
      },
    };
    return { present, allowance, share };
  };
}
