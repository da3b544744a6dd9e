import { codesOf, elements, string } from '../../../fhir/elements.ts';
import { refuse } from '../../../fhir/refusal.ts';
import type { Server } from '../../../interactions/server.ts';
import type { Reader } from '../../../store/store.ts';
import type { References } from '../../reference.ts';
import { codeSystems } from '../../vocabulary.ts';
import { documentBundle } from '../document/document-bundle.ts';
import { formOfPaper } from '../form-of-paper.ts';
import { mustBeReferral } from '../national-form.ts';
import type { Paper } from '../paper.ts';
import type { Blanks } from '../record/blanks.ts';
import { type ReferralRecord, readReferral } from '../record/referral-record.ts';
import type { Held } from '../record/shelf.ts';
import { paperRefusals } from '../refusals.ts';
import { sheetOf } from '../sheet/sheet.ts';
import { signedBlanks, unsignedBlanks } from './consent-blanks.ts';
import { consentComposition } from './consent-composition.ts';
import { readConsent } from './consent-record.ts';

/** Where papers are made from. */
export interface PaperSources {
  server: Server;
  reader: Reader;
  references: References;
}

/** The paper of a consent that is on record, as its category has it. */
export async function signedPaper(consent: Held, sources: PaperSources): Promise<Paper> {
  const [category = 'referral-consent'] = codesOf(consent.resource, 'category', codeSystems.consentCategory);
  const record = await readConsent(consent, sources.reader, sources.references);
  const blanks = signedBlanks(consent.resource, record);
  return paper(category, { record, blanks, of: consent, consent }, sources.server);
}

/** A paper of consent of a category for the referral of a Task, to be signed. */
export async function unsignedPaper(category: string, task: Held, sources: PaperSources): Promise<Paper> {
  const record = await readReferral(task, sources.reader, sources.references);
  mustBeReferral(record, task);
  return paper(
    category,
    { record, blanks: unsignedBlanks(record), of: task, consent: undefined },
    sources.server,
  );
}

interface ConsentParts {
  record: ReferralRecord;
  blanks: Blanks;
  of: Held;
  consent: Held | undefined;
}

async function paper(
  category: string,
  { record, blanks, of, consent }: ConsentParts,
  server: Server,
): Promise<Paper> {
  const form = await formOfPaper(category, server);
  const known = elements(server.definitions.find('CodeSystem', codeSystems.consentCategory), 'concept');
  const codes = known.map((concept) => string(concept, 'code') ?? '');
  if (!form || !codes.includes(category))
    throw refuse(paperRefusals.unknownForm, [category.slice(0, 64), codes.join(', ')]);
  const sheet = sheetOf(form, blanks, of.version.updated);
  const { type, id } = of.version;
  const held = async () => [
    ...[consent, record.task].filter((each) => each !== undefined),
    ...(await record.shelf.taken()),
  ];
  return {
    name: `${category}-${id}`,
    held,
    document: async () =>
      documentBundle({
        composition: consentComposition(category, { record, consent, sheet }, server),
        of: `${category} of ${type}/${id}`,
        held: await held(),
        base: server.base,
      }),
    sheet: async () => sheet,
  };
}
