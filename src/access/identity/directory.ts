import { codings, elements } from '../../fhir/elements.ts';
import { isWithin } from '../../fhir/period.ts';
import type { Resource } from '../../fhir/resource.ts';
import { tokenQuery } from '../../fhir/search/types/token.ts';
import type { Reader } from '../../store/store.ts';
import { type Client, clientOf } from './client.ts';
import { isActive, localReference } from './elements.ts';
import type { createRoles } from './roles.ts';

/** For whom somebody may act, and in which roles there. */
export interface Post {
  /** `Organization/[id]`; undefined for none. */
  organization?: string;
  roles: readonly string[];
}

/** Who is registered at this server, read from what is stored at the moment of asking. */
export interface Directory {
  /** The client of this id; undefined when there is none, or it was revoked, or its organization is not active. */
  client(id: string): Promise<Client | undefined>;
  /**
   * The posts of a person (`Practitioner/[id]`) by their PractitionerRoles that are active and in their period, at active
   * organizations. Undefined when there is no such active person.
   */
  posts(person: string): Promise<Post[] | undefined>;
  /** The `Practitioner/[id]` with an identifier `system|value`; undefined when it is not exactly one. */
  personWith(identifier: string): Promise<string | undefined>;
}

/** The types that a directory is read from: when one of them changes, so may somebody's standing. */
export const directoryTypes: ReadonlySet<string> = new Set([
  'Device',
  'Practitioner',
  'PractitionerRole',
  'Organization',
]);

/** More posts than any person has. */
const mostPosts = 100;

/** The directory of what a store holds. `now` gives the present instant in milliseconds. */
export function createDirectory(
  reader: Reader,
  { roles, now }: { roles: ReturnType<typeof createRoles>; now: () => number },
): Directory {
  async function read(reference: string): Promise<Resource | undefined> {
    const [type, id] = reference.split('/') as [string, string];
    const version = await reader.read(type, id);
    return version?.text ? (JSON.parse(version.text) as Resource) : undefined;
  }

  async function isOpen(organization: string): Promise<boolean> {
    const resource = await read(organization);
    return resource !== undefined && isActive(resource);
  }

  return {
    client: async (id) => {
      const device = await read(`Device/${id}`);
      const client = device && clientOf(device);
      if (!client?.isActive) return undefined;
      if (client.organization && !(await isOpen(client.organization))) return undefined;
      return client;
    },
    posts: async (person) => {
      const practitioner = await read(person);
      if (!practitioner || !isActive(practitioner)) return undefined;
      const found = await reader.search({
        type: 'PractitionerRole',
        filter: { kind: 'term', term: `practitioner|>${person}` },
        sort: [{ key: '_id', descending: false }],
        limit: mostPosts,
      });
      const rolesAt = new Map<string | undefined, Set<string>>();
      for (const { version } of found) {
        const role = JSON.parse(version.text) as Resource;
        if (!isActive(role) || !isWithin(elements(role, 'period')[0], now())) continue;
        const organization = localReference(role, 'organization', 'Organization');
        if (organization && !(await isOpen(organization))) continue;
        const there = rolesAt.get(organization) ?? new Set();
        rolesAt.set(organization, there);
        for (const code of roles(codings(role, 'code'))) there.add(code);
      }
      return [...rolesAt].map(([organization, held]) => ({
        ...(organization && { organization }),
        roles: [...held],
      }));
    },
    personWith: async (identifier) => {
      const filter = tokenQuery({ name: 'identifier', types: undefined, exact: false }, identifier);
      const found = await reader.search({ type: 'Practitioner', filter, sort: [], limit: 2 });
      return found.length === 1 ? `Practitioner/${found[0]!.version.id}` : undefined;
    },
  };
}
