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
  'down: basedOn MedicationRequest':
    'a reference tells the type of its target; HL7 looks at targets only that are at hand',
  'task: owner Practitioner': 'a reference tells the type of its target',
  'task: for Group': 'a reference tells the type of its target',
};
