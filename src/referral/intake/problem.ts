import type { Text } from '../../fhir/outcome.ts';

/** What is wrong with a row, in the sender's terms. */
export interface Problem {
  /** The column as the sender wrote it; its Chinese name where the row does not have it. */
  column?: string;
  /** The code of the field. */
  field?: string;
  found?: string;
  expected?: Text;
  text: Text;
  /** The key of the rule that is broken. */
  rule?: string;
}
