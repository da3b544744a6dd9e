import type { Resource } from '../../src/fhir/resource.ts';
import type { TestServer } from '../environment/server.ts';
import { at } from './table.ts';

/** Puts resources onto a server, in one transaction, so all of them are of one instant. */
export const put = (server: TestServer, resources: readonly Resource[]) => send(server, 'PUT', resources);

/** Deletes them. */
export const remove = (server: TestServer, resources: readonly Resource[]) =>
  send(server, 'DELETE', resources);

async function send(
  server: TestServer,
  method: 'PUT' | 'DELETE',
  resources: readonly Resource[],
): Promise<void> {
  if (resources.length === 0) return;
  const entry = at(server.base, resources).map((resource) => ({
    ...(method === 'PUT' && { resource }),
    request: { method, url: `${resource.resourceType}/${resource.id}` },
  }));
  const answer = await server.post('/', { resourceType: 'Bundle', type: 'transaction', entry });
  if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
}

/** A searchset as tests look at it. */
export interface Searchset {
  total?: number;
  link: { relation: string; url: string }[];
  entry?: { fullUrl?: string; resource: Resource; search: { mode: string } }[];
}

/** The ids of the entries of a mode, in their order. */
export function ids(bundle: Searchset, mode = 'match'): string[] {
  return (bundle.entry ?? [])
    .filter(({ search }) => search.mode === mode)
    .map(({ resource }) => resource.id!);
}

/** The address of a link of a searchset below the base. */
export function link(server: TestServer, bundle: Searchset, relation: string): string | undefined {
  return bundle.link.find((each) => each.relation === relation)?.url.slice(server.base.length);
}

/** All pages of a search, from the first on; `between` runs after each. */
export async function pages(
  server: TestServer,
  path: string,
  between: (page: Searchset) => Promise<void> = async () => {},
): Promise<Searchset[]> {
  const all: Searchset[] = [];
  for (let next: string | undefined = path; next !== undefined; ) {
    const { body } = await server.get(next).expect(200);
    all.push(body);
    if (all.length > 100) throw new Error(`${path} has no end`);
    await between(body);
    next = link(server, body, 'next');
  }
  return all;
}
