/**
 * The names of the parameters that say what is wanted of the results, not which ones are
 * (http://hl7.org/fhir/R4/search.html#return). `_format` and `_pretty` are for the layer of HTTP, `_type` for searches of all.
 */
export const resultParameters: ReadonlySet<string> = new Set([
  '_sort',
  '_count',
  '_total',
  '_include',
  '_revinclude',
  '_summary',
  '_elements',
  '_contained',
  '_containedType',
  '_format',
  '_pretty',
  '_type',
]);
