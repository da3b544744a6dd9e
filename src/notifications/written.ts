import type { Xml } from '../fhir/xml/xml.ts';
import { isXmlMime } from './problems.ts';

/** The JSON of what is told, in the media type that a subscription asks for. `xml` loads what writes XML. */
export async function writtenAs(
  mime: string | undefined,
  json: string,
  xml: () => Promise<Xml>,
): Promise<string> {
  return json !== '' && isXmlMime(mime) ? (await xml()).write(json) : json;
}
