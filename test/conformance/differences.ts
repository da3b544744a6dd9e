/**
 * Where this server's verdict is not that of HL7's validator (6.7.9, without a network), and why. A case is named by what
 * the test that meets it calls it.
 */
export const differences: Readonly<Record<string, string>> = {
  'closed type slicing 2':
    'a closed slicing leaves nothing outside of its slices (R4, profiling, 5.1.0.13); HL7 does not hold a choice to it',
  'minValueDate/maxValueDate 2': 'HL7 does not compare dates with minValueDate',
  'minValueDate/maxValueDate 3': 'HL7 does not compare dates with maxValueDate',
  'reslicing (a/b) 1':
    'the official identifier belongs to the slice a/off; HL7 does not evaluate slices of slices',
  'reference to wrong type':
    'a reference tells the type of its target, here against a profile that demands a patient',
  'encounter class unknown code':
    'tables of HL7 have grown since R4, and an unversioned code may be of a later edition: a warning',
  '_given mismatch of lengths':
    'R4 has extensions that nobody has defined here pass (extensibility): HL7 refuses those that it cannot find',
  'patient: no identifier': 'the profile has come to allow it since the verdict was taken',
  'patient: no birthDate': 'the profile has come to allow it since the verdict was taken',
  'down: basedOn MedicationRequest':
    'a reference tells the type of its target; HL7 looks at targets only that are at hand',
  'task: owner Practitioner': 'a reference tells the type of its target',
  'task: for Group': 'a reference tells the type of its target',
};

/** Kinds of mutants on which the verdicts may differ, and why. */
export const kindsThatDiffer: Readonly<Record<string, string>> = {
  'coding changed':
    'HL7 knows no codes of v2 and v3 tables beyond R4, and lets a relative system of a single Coding pass; it refuses systems that the value set of a preferred binding does not have',
  'narrative changed': 'an image that is not there is a warning, since an example of R4 has one',
  'address changed': 'canonicals that are relative are a warning, since 30 examples of R4 have them',
  'reference changed': 'a reference tells the type of its target; HL7 looks at targets only that are at hand',
  'extension added': 'extensions that nobody has defined here pass; HL7 refuses those that it cannot find',
  'extension changed': 'extensions that nobody has defined here pass; HL7 refuses those that it cannot find',
  'null, empty list, empty text, empty object': 'R4 has no empty lists; HL7 lets those of primitives pass',
};
