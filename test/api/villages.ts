/** A SearchParameter for the village that a patient's address names. */
export const village = (changes: object = {}) => ({
  resourceType: 'SearchParameter',
  id: 'village',
  url: 'http://example.org/SearchParameter/patient-village',
  name: 'village',
  status: 'active',
  description: 'The village of the address',
  code: 'village',
  base: ['Patient'],
  type: 'string',
  expression: 'Patient.address.line',
  ...changes,
});

/** A patient who lives there. */
export const patientOf = (line: string) => ({ resourceType: 'Patient', address: [{ line: [line] }] });
