import type { Definitions } from '../../fhir/definitions/definitions.ts';
import { elements, string } from '../../fhir/elements.ts';
import { refuse } from '../../fhir/refusal.ts';
import type { Element, Resource } from '../../fhir/resource.ts';
import { or, type Query } from '../../fhir/search/query.ts';
import type { Server } from '../../interactions/server.ts';
import { type Form, readFields } from './fields.ts';
import { compileMapping, isIntakeMap } from './mapping.ts';
import { intakeRefusals } from './refusals.ts';
import { createRowReader, type RowReader } from './row.ts';
import { intakeColumnSystem, intakeValueSystem } from './vocabulary.ts';

/** What decides which of the stored maps are used. */
export interface MappingChoice {
  /** `Organization/[id]` for which the rows are sent. */
  organization: string | undefined;
  /** The id or URL of a map that comes before all others. */
  named: string | undefined;
}

/** So many stored maps are looked at, and so many compiled combinations of them remembered. */
const most = { maps: 200, remembered: 20 };

/**
 * Owns the mappings that are compiled: those that came with the server, and before them what a county or vendor has
 * stored as active ConceptMaps (see ConceptMap/intake-columns). What is stored is asked for with every request, by one
 * search that no referral waits for; it is compiled when it has changed. So whichever process it was stored by, it holds
 * from the next request on.
 */
export class Mappings {
  readonly #definitions: Definitions;
  readonly #filter: Query;
  readonly #remembered = new Map<string, Map<Form, RowReader>>();

  constructor(definitions: Definitions) {
    this.#definitions = definitions;
    const sources = [
      intakeColumnSystem,
      ...readFields(definitions).map(({ code }) => intakeValueSystem(code)),
    ];
    this.#filter = or(sources.map((source): Query => ({ kind: 'term', term: `source-system|#${source}` })));
  }

  /** The reader of a form under the maps that are chosen. Refuses with 400 the name of a map that there is not. */
  async reader(server: Server, form: Form, choice: MappingChoice): Promise<RowReader> {
    const found = await (server.stored ?? server.store).search({
      type: 'ConceptMap',
      filter: this.#filter,
      sort: [{ key: '_id', descending: false }],
      limit: most.maps,
    });
    const maps = choose(
      found.map(({ version }) => JSON.parse(version.text) as Resource),
      choice,
    );
    return this.compiled(maps, form, server.base);
  }

  /** The reader of a form under these maps, those first that count first. */
  compiled(maps: readonly Resource[], form: Form, base: string): RowReader {
    const signature = maps.map(({ id, meta }) => `${id} ${meta?.versionId}`).join();
    const readers = this.#remembered.get(signature) ?? new Map<Form, RowReader>();
    this.#remembered.delete(signature);
    this.#remembered.set(signature, readers);
    if (this.#remembered.size > most.remembered)
      this.#remembered.delete(this.#remembered.keys().next().value!);
    const known = readers.get(form);
    if (known) return known;
    const [other] = readers.values();
    const mapping = other?.mapping ?? compileMapping(this.#definitions, maps);
    const path = form === 'referral' ? 'referrals' : 'steps';
    const reader = createRowReader(mapping, form, `${new URL(base).origin}/intake/${path}/schema`);
    readers.set(form, reader);
    return reader;
  }
}

/** The maps that count: the one that is named, then those of the organization, then those for all; the newest first. */
function choose(stored: readonly Resource[], { organization, named }: MappingChoice): Resource[] {
  const active = stored.filter((map) => map.status === 'active' && isIntakeMap(map));
  const first = named === undefined ? [] : active.filter(({ id, url }) => id === named || url === named);
  if (named !== undefined && first.length === 0)
    throw refuse(intakeRefusals.unknownMap, [named.slice(0, 100)]);
  const newest = [...active].sort((a, b) =>
    String(a.meta?.lastUpdated) < String(b.meta?.lastUpdated) ? 1 : -1,
  );
  const own = newest.filter((map) => organization !== undefined && placesOf(map).includes(organization));
  const general = newest.filter((map) => placesOf(map).length === 0);
  return [...new Set([...first, ...own, ...general])];
}

/** The organizations whose rows a map is for (`useContext` of the type venue); none: it is for all. */
function placesOf(map: Resource): string[] {
  return elements(map, 'useContext').flatMap((context) => {
    const { code } = (context.code ?? {}) as Element;
    const reference = string(elements(context, 'valueReference')[0], 'reference');
    return code === 'venue' && reference !== undefined ? [reference] : [];
  });
}
