import { readJson } from '../../../fhir/json/parse.ts';
import type { Element, Resource } from '../../../fhir/resource.ts';
import type { Reader, StoredVersion } from '../../../store/store.ts';
import { pathOf, type References, type Target } from '../../reference.ts';

/** A resource on record: as it is kept, and parsed. */
export interface Held {
  version: StoredVersion & { text: string };
  resource: Resource;
}

/** What is taken from the store for one paper; each resource is read once, and none is read that nothing asks for. */
export interface Shelf {
  /** Undefined: not there, not there any more, or not of this server. */
  take(target: Target | undefined): Promise<Held | undefined>;
  /** What a member refers to, as far as it is here and of one of these types, where some are given. */
  follow(parent: Element | undefined, member: string, types?: readonly string[]): Promise<Held[]>;
  /** All that was found, in the order in which it was asked for. */
  taken(): Promise<Held[]>;
}

/** A paper is about some dozens of resources; of a reference that repeats so many are followed. */
const mostFollowed = 200;

/** A shelf over what the store holds now. */
export function openShelf(reader: Reader, references: References): Shelf {
  const asked = new Map<string, Promise<Held | undefined>>();

  const take: Shelf['take'] = async (target) => {
    if (!target) return undefined;
    const path = pathOf(target);
    const held = asked.get(path) ?? reader.read(target.type, target.id).then(heldOf);
    asked.set(path, held);
    return held;
  };

  return {
    take,
    follow: async (parent, member, types) => {
      const targets = references
        .targets(parent, member)
        .filter(({ type }) => types === undefined || types.includes(type))
        .slice(0, mostFollowed);
      return present(await Promise.all(targets.map(take)));
    },
    taken: async () => present(await Promise.all(asked.values())),
  };
}

/** A version that is no deletion, parsed; where a value is printed, in the digits that it was written in. */
export function heldOf(version: StoredVersion | undefined): Held | undefined {
  if (!version || version.text === null) return undefined;
  const resource = version.type === 'Observation' ? readJson(version.text) : JSON.parse(version.text);
  return { version: version as Held['version'], resource: resource as Resource };
}

function present(held: readonly (Held | undefined)[]): Held[] {
  return held.filter((each) => each !== undefined);
}
