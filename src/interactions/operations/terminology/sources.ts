import { readJson } from '../../../fhir/json/parse.ts';
import { refusals, refuse } from '../../../fhir/refusal.ts';
import type { Resource } from '../../../fhir/resource.ts';
import type { CodeSource } from '../../../fhir/terminology/code-source.ts';
import { codeTableOf } from '../../../fhir/terminology/code-table.ts';
import type { CodeSystem } from '../../../fhir/terminology/concept.ts';
import { codeSourceOf } from '../../../fhir/terminology/concept-tree.ts';
import { tableSource } from '../../../fhir/terminology/table-source.ts';
import type { ConceptMap } from '../../../fhir/terminology/translate.ts';
import type { Sources, ValueSet } from '../../../fhir/terminology/value-set.ts';
import type { OperationRequest } from '../../operation.ts';
import { presentVersion } from '../../present-version.ts';
import type { Server } from '../../server.ts';
import { findStored, type Wanted } from '../../stored-terminology.ts';
import type { Asked } from './asked.ts';

/** Where the terminology operations of a server look: what clients have stored counts more than what came with it. */
export function sourcesOf(server: Server): Sources {
  const found = new Map<string, Promise<Resource | undefined>>();
  const find = (wanted: Wanted) => {
    const key = wanted.join(' ');
    if (!found.has(key)) found.set(key, findDefinition(server, wanted));
    return found.get(key)!;
  };
  const sources = new Map<string, CodeSource>();
  return {
    valueSet: async (url) => (await find(['ValueSet', url])) as ValueSet | undefined,
    codes: async (system, version) => {
      const reference = version === undefined ? system : `${system}|${version}`;
      const definition = (await find(['CodeSystem', reference])) as CodeSystem | undefined;
      if (!definition) return undefined;
      const source = sources.get(reference) ?? codesIn(definition, server);
      if (!source) return undefined;
      sources.set(reference, source);
      return source;
    },
  };
}

/** The codes of a code system: those that it lists, or those of its table. */
export function codesIn(
  system: CodeSystem,
  { codeTables }: Pick<Server, 'codeTables'>,
): CodeSource | undefined {
  const table = codeTableOf(system);
  if (table) return codeTables && tableSource(table, codeTables);
  return system.concept && codeSourceOf(system);
}

/** A definition by its canonical URL, which may end in `|version`. */
export async function findDefinition(server: Server, [type, url]: Wanted): Promise<Resource | undefined> {
  const stored = await findStored(server, [type, url]);
  if (stored) return stored;
  const shipped = server.definitions.find(type, url);
  const [, version] = url.split('|');
  return version === undefined || shipped?.version === version ? shipped : undefined;
}

/**
 * The definition that an operation is about: the one that it was called on, one that was sent along, or the one with the
 * URL asked for. Undefined when none is named; refuses with 404 when it is not there.
 *
 * @param names the parameters that hold the resource, its URL and its version
 */
export async function definitionAsked<T extends ValueSet | CodeSystem | ConceptMap>(
  { store, id }: OperationRequest,
  server: Server,
  asked: Asked,
  type: Wanted[0],
  names: { resource: string; url: string; version: string },
): Promise<T | undefined> {
  if (id !== undefined) {
    const { text } = await presentVersion(store, type, id);
    return readJson(text) as unknown as T;
  }
  const sent = asked.resource(names.resource);
  if (sent) {
    if (sent.resourceType !== type)
      throw refuse(refusals.typeMismatch, [sent.resourceType.slice(0, 64), type]);
    return sent as T;
  }
  const url = asked.text(names.url);
  if (url === undefined) return undefined;
  const version = asked.text(names.version);
  const canonical = version === undefined || url.includes('|') ? url : `${url}|${version}`;
  const found = await findDefinition(server, [type, canonical]);
  if (!found) throw refuse(refusals.notFound, [`${type} ${canonical.slice(0, 200)}`]);
  return found as T;
}
