import { readJson } from '../../fhir/json/parse.ts';
import type { Resource } from '../../fhir/resource.ts';
import type { Server } from '../../interactions/server.ts';
import { questionnaireUrl } from '../vocabulary.ts';

/**
 * The form of a paper: the Questionnaire of its code that a county has stored, else the one that comes with the server;
 * undefined where there is none.
 */
export async function formOfPaper(
  code: string,
  { stored, store, definitions }: Server,
): Promise<Resource | undefined> {
  const own = await (stored ?? store).read('Questionnaire', code);
  return own?.text
    ? (readJson(own.text) as Resource)
    : definitions.find('Questionnaire', questionnaireUrl(code));
}
