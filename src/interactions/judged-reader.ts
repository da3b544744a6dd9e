import type { Reader } from '../store/store.ts';

/** What tells of a patient's person and health: the server judges by it as far as whoever asks may see it. */
const records: ReadonlySet<string> = new Set([
  'AllergyIntolerance',
  'Binary',
  'CarePlan',
  'ClinicalImpression',
  'Composition',
  'Condition',
  'DiagnosticReport',
  'DocumentReference',
  'Encounter',
  'EpisodeOfCare',
  'FamilyMemberHistory',
  'Flag',
  'ImagingStudy',
  'Immunization',
  'MedicationAdministration',
  'MedicationDispense',
  'MedicationRequest',
  'MedicationStatement',
  'Observation',
  'Patient',
  'Procedure',
  'QuestionnaireResponse',
  'RiskAssessment',
  'Specimen',
]);

/**
 * What guards judge a submission by. What stands in the way of others, such as a number that is taken or a slot that is
 * held, is judged by all that there is. What is known of the patient is not: the findings quote it, and whoever sends a
 * referral of somebody else's patient would be told their blood pressure.
 */
export function judgedReader(shown: Reader): Reader {
  const { entire } = shown;
  if (!entire) return shown;
  const of = (type: string) => (records.has(type) ? shown : entire);
  return {
    read: (type, id) => of(type).read(type, id),
    readVersion: (type, id, version) => of(type).readVersion(type, id, version),
    history: (request, allowance) => shown.history(request, allowance),
    search: (request, allowance) => of(request.type).search(request, allowance),
    count: (type, filter, allowance) => of(type).count(type, filter, allowance),
  };
}
