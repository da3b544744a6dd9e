/**
 * FHIR decimals keep their digits: `1.50` must not become `1.5` (http://hl7.org/fhir/R4/json.html#decimal), but a
 * JavaScript number cannot tell the two apart. A parsed object that has such a number carries the source digits
 * under this symbol, and so does, without digits, everything that contains it. Spreading an object copies the
 * symbol, and no other code sees it.
 */
export const digits = Symbol('digits');

/** An object or array that may carry source digits. */
export interface Digits {
  [digits]?: Record<string, string>;
}
