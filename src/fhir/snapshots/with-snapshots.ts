import type { Definitions } from '../definitions/definitions.ts';
import type { Resource } from '../resource.ts';
import type { ElementDefinition, StructureDefinition } from './element-definition.ts';
import { generateSnapshot } from './generate-snapshot.ts';

/**
 * The same definitions, where a StructureDefinition that came without a snapshot has the one that its differential makes
 * of its base, made when it is first asked for. One whose base is not known, or leads back to itself, stays without.
 * `forget` is to be told that definitions have changed.
 */
export function withSnapshots(definitions: Definitions): Definitions & { forget(): void } {
  let completed = new WeakMap<StructureDefinition, StructureDefinition>();
  const underWay = new Set<string>();

  function find(url: string): StructureDefinition | undefined {
    const definition = definitions.find<StructureDefinition>('StructureDefinition', url);
    if (!definition || definition.snapshot) return definition;
    const known = completed.get(definition);
    if (known) return known;
    if (underWay.has(definition.url)) return definition;
    underWay.add(definition.url);
    const element = elementsOf(definition);
    underWay.delete(definition.url);
    const complete = element ? { ...definition, snapshot: { element } } : definition;
    completed.set(definition, complete);
    return complete;
  }

  /** Undefined where none can be made; what a client has stored may be such that it breaks on the way. */
  function elementsOf(definition: StructureDefinition): ElementDefinition[] | undefined {
    try {
      const generated = generateSnapshot(definition, find);
      return 'element' in generated ? generated.element : undefined;
    } catch {
      return undefined;
    }
  }

  return {
    ...definitions,
    forget: () => {
      completed = new WeakMap();
    },
    find: <T extends Resource>(type: string, url: string) =>
      type === 'StructureDefinition' ? (find(url) as T | undefined) : definitions.find<T>(type, url),
  };
}
