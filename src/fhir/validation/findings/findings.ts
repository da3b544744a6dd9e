import { codeFindings } from './codes.ts';
import { conformanceFindings } from './conformance.ts';
import { formatFindings } from './formats.ts';
import { measureFindings } from './measures.ts';
import { profileFindings } from './profiles.ts';
import { questionnaireFindings } from './questionnaires.ts';
import { referenceFindings } from './references.ts';
import { structureFindings } from './structure.ts';

/** The registry of what validation finds: every kind once, in Chinese and English. */
export const findings = {
  ...structureFindings,
  ...formatFindings,
  ...codeFindings,
  ...referenceFindings,
  ...profileFindings,
  ...conformanceFindings,
  ...questionnaireFindings,
  ...measureFindings,
};
