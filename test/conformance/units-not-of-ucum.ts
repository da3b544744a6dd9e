/**
 * The examples of R4 that give units as UCUM's that are not (`TAB`, `drop`, `mcg`, `ea`, `month`): HL7's validator refuses
 * them too.
 */
export const unitsNotOfUcum: readonly string[] = [
  'Claim-760152.json',
  'MedicationDispense-meddisp0309.json',
  'MedicationDispense-meddisp0313.json',
  'MedicationDispense-meddisp0318.json',
  'MedicationDispense-meddisp0324.json',
  'MedicationDispense-meddisp0327.json',
  'MedicationDispense-meddisp0329.json',
  'MedicationRequest-medrx0304.json',
  'MedicationRequest-medrx0319.json',
  'MedicationRequest-medrx0322.json',
  'MedicationRequest-medrx0326.json',
  'MedicationRequest-medrx0329.json',
  'MedicationRequest-medrx0334.json',
  'MedicationRequest-medrx0335.json',
  'VisionPrescription-33124.json',
];
