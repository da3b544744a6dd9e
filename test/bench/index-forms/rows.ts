import { fileURLToPath } from 'node:url';
import { loadDefinitions } from '../../../src/fhir/definitions/definitions.ts';
import { extractEntries } from '../../../src/fhir/search/extract.ts';
import { createSearchParameters } from '../../../src/fhir/search/parameters.ts';
import { type PackedEntries, pack } from '../../../src/store/packed-entries.ts';
import { loadedId, loadedNames } from '../population/bundles.ts';
import { senders } from '../population/community.ts';
import { parts, referralOf } from '../population/referral.ts';

/** A resource as a row of its table, with what it is found by. */
export interface Row extends PackedEntries {
  type: string;
  id: string;
  updated: number;
  text: string;
}

const project = fileURLToPath(new URL('../../../', import.meta.url));
const parameters = createSearchParameters(loadDefinitions([`${project}profiles`, `${project}terminology`]));
const begin = Date.UTC(2026, 0, 1);

/** The six resources of as many patients' referrals, a minute apart. */
export function rowsOf(patients: number): Row[] {
  return Array.from({ length: patients }, (_, patient) => {
    const updated = begin + patient * 60_000;
    const resources = referralOf({
      patient,
      number: `ZZ-${patient}`,
      sender: senders[patient % 2]!,
      names: loadedNames(patient, 0),
      authored: new Date(updated),
    });
    return parts.map((type): Row => {
      const id = loadedId(type, patient, 0);
      const meta = {
        versionId: '1',
        lastUpdated: new Date(updated).toISOString(),
        ...(resources[type].meta as object),
      };
      const resource = { ...resources[type], id, meta };
      return {
        ...pack(extractEntries(parameters, resource)),
        ...{ type, id, updated, text: JSON.stringify(resource) },
      };
    });
  }).flat();
}
