import { readJson } from '../fhir/json/parse.ts';
import type { Resource } from '../fhir/resource.ts';
import { extractEntries } from '../fhir/search/extract.ts';
import type { Server } from '../interactions/server.ts';
import { currentVersion, type QueuedEvent, type Settlement } from '../store/outbox.ts';
import type { Reader } from '../store/store.ts';
import type { ToldEvent } from './notification.ts';
import type { Topic } from './topics.ts';

/** Events as they may be told now, with the numbers that they have or get, and those that may not be told. */
export interface Prepared {
  events: readonly (ToldEvent & { position: number })[];
  hidden: readonly QueuedEvent[];
  /** The highest number among them, or the one that was given. */
  last: number;
}

/** What a subscriber's part of the store is asked with. */
export interface Looking {
  server: Pick<Server, 'parameters' | 'base'>;
  /** The store as the subscriber sees it at this moment. */
  seen: Reader;
  topic: Topic | undefined;
}

/**
 * Looks at what events are about as the subscriber may see it now, and numbers what has no number yet, after `last`. What
 * may not be seen gets none: that it was there shows nowhere.
 */
export async function prepare(
  { server, seen, topic }: Looking,
  queued: readonly QueuedEvent[],
  last: number,
): Promise<Prepared> {
  const events: (ToldEvent & { position: number })[] = [];
  const hidden: QueuedEvent[] = [];
  let highest = last;
  for (const event of queued) {
    const { type, id, at, position } = event;
    const found =
      event.version === currentVersion
        ? await seen.read(type, id)
        : await seen.readVersion(type, id, event.version);
    if (!found) {
      hidden.push(event);
      continue;
    }
    const number = event.number ?? highest + 1;
    highest = Math.max(highest, number);
    const context = topic && found.text !== null ? await contextOf({ server, seen, topic }, found.text) : [];
    events.push({ number, at, type, id, version: found.version, text: found.text, context, position });
  }
  return { events, hidden, last: highest };
}

/** The settlements of events that were prepared. */
export function settlementsOf(
  subscription: string,
  { events, hidden }: Prepared,
  state: Settlement['state'],
  problem?: string,
): Settlement[] {
  return [
    ...hidden.map(({ position }) => ({ subscription, position, state: 'gone' as const })),
    ...events.map(({ position, number }) => ({
      subscription,
      position,
      number,
      state,
      ...(problem !== undefined && { problem }),
    })),
  ];
}

/** What the topic has along with its focus, by references of the focus: `Task:focus`. */
async function contextOf(
  { server, seen, topic }: Looking,
  text: string,
): Promise<{ path: string; text: string }[]> {
  if (!topic || topic.includes.length === 0) return [];
  const resource = readJson(text) as Resource;
  const { terms } = extractEntries(server.parameters, resource, server.base);
  const found = new Map<string, string>();
  for (const include of topic.includes) {
    const [type, name] = include.split(':') as [string, string?];
    if (type !== resource.resourceType || name === undefined) continue;
    for (const term of terms) {
      const [, path] =
        new RegExp(`^${RegExp.escape(name)}\\|>([A-Z]\\w*/[A-Za-z0-9.-]{1,64})$`).exec(term) ?? [];
      if (path === undefined || found.has(path)) continue;
      const [targetType, id] = path.split('/') as [string, string];
      const version = await seen.read(targetType, id);
      if (version?.text) found.set(path, version.text);
    }
  }
  return [...found].map(([path, target]) => ({ path, text: target }));
}
