import type { Definitions } from '../definitions/definitions.ts';

/** Resources in XML, by the definitions. */
export interface Xml {
  /** The JSON of a resource in XML, which a client sent; see `readXml`. */
  read(bytes: Uint8Array, maxDepth: number): string;
  /** The XML of a resource whose JSON is valid; see `writeXml`. */
  write(json: string, pretty?: boolean): string;
}

/** Loads what reads and writes XML, when somebody asks for it: who does not pays nothing. */
export async function loadXml(definitions: Definitions): Promise<Xml> {
  const [{ layoutsOf }, { readXml }, { writeXml }] = await Promise.all([
    import('./layout.ts'),
    import('./read.ts'),
    import('./write.ts'),
  ]);
  const layouts = layoutsOf(definitions);
  return {
    read: (bytes, maxDepth) => readXml(bytes, layouts, maxDepth),
    write: (json, pretty) => writeXml(json, layouts, pretty),
  };
}
