import { readJson } from '../fhir/json/parse.ts';
import { Refusal } from '../fhir/refusal.ts';
import type { Resource } from '../fhir/resource.ts';
import type { Actor } from '../interactions/actor.ts';
import type { Server } from '../interactions/server.ts';
import { withoutChange } from '../interactions/write.ts';
import type { Store } from '../store/store.ts';
import { boundOf } from './bound.ts';
import type { DecisionClock } from './decision-clock.ts';
import { refuseScope } from './identity/refusals.ts';
import { permits } from './identity/scopes.ts';
import { signAs } from './provenance.ts';
import { type View, viewOf } from './view.ts';
import { visibleTo, type Writing } from './visible-store.ts';
import { createWriteGuard } from './write-guard.ts';

/** How the server is given to a request. */
export type Seen = (server: Server, actor: Actor | undefined) => Server;

/** The server as an actor sees it: what it does not show is, for whatever the request runs, not there. */
export const seenBy: Seen = (server, actor) => {
  if (!actor)
    return { ...server, store: visibleTo(nobody, server.store), stored: visibleTo(nobody, stored(server)) };
  if (actor.isSystem) return { ...server, actor };
  const known = seen.get(server) ?? new WeakMap<Actor, Server>();
  seen.set(server, known);
  const before = known.get(actor);
  if (before) return before;
  const now = seenByActor(server, actor);
  // What a scope's criteria mean depends on the search parameters of the day.
  if (!actor.scopes?.some(({ filter }) => filter !== undefined)) known.set(actor, now);
  return now;
};

/** An actor that asks again is the same object as long as its token is remembered. */
const seen = new WeakMap<Server, WeakMap<Actor, Server>>();

function seenByActor(server: Server, actor: Actor): Server {
  const view = viewOf(actor, (interaction, type) => boundOf(server, actor, interaction, type));
  return {
    ...server,
    actor,
    admits: (interaction, type) => {
      if (permits(actor.scopes, interaction, type) === 'none') throw refuseScope(`${type} ${interaction}`);
    },
    store: visibleTo(view, server.store, { sign: signAs(server, actor), admit: admitting(server, actor) }),
    stored: visibleTo(view, stored(server)),
  };
}

/** The same, once what the patients have decided holds as of now. */
export function onTime(
  see: Seen,
  decisions: DecisionClock,
): (...asked: Parameters<Seen>) => Server | Promise<Server> {
  return (...asked) => {
    const waiting = decisions.onTime();
    return waiting ? waiting.then(() => see(...asked)) : see(...asked);
  };
}

/** Where access control is off: all is seen, and what is written is kept as whose it was said to be. */
export const seenByAll: Seen = (server, actor) => {
  if (!actor?.organization) return actor ? { ...server, actor } : server;
  const everything: View = {
    author: actor.organization,
    filter: () => ({ kind: 'all' }),
    shows: () => true,
  };
  return { ...server, actor, store: visibleTo(everything, server.store) };
};

/** Holds the writer of a version that stays the same version, such as one with other labels, to what guards say. */
function admitting(server: Server, actor: Actor): Writing['admit'] {
  const guard = createWriteGuard(server);
  return async (reader, version) => {
    const { type, id, access } = version;
    const before = await reader.readVersion(type, id, version.version);
    const [resource, previous] = [version.text, before?.text].map((text) =>
      text ? (readJson(text) as Resource) : null,
    ) as [Resource | null, Resource | null];
    const change = { type, id, resource, previous, access: access ?? before?.access };
    const { findings, status } = await guard({ changes: [change], reader, now: server.now(), actor });
    if (findings.length > 0) throw new Refusal(status ?? 403, findings.map(withoutChange));
  };
}

/** Who has not said who they are sees nothing that is stored. */
const nobody: View = { author: undefined, filter: () => ({ kind: 'none' }), shows: () => false };

function stored({ store, stored }: Server): Store {
  return (stored as Store | undefined) ?? store;
}
