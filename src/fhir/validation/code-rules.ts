/** Says whether a text can be a code of a system. */
type CodeRule = (code: string) => boolean;

/** What ECMA-402 lists, and the codes of funds, metals and tests, which it leaves out. */
const currencies = new Set([
  ...Intl.supportedValuesOf('currency'),
  ...'BOV CHE CHW CLF COU MXV USN UYI UYW VED XAD XAG XAU XBA XBB XBC XBD XCG XDR XPD XPT XSU XTS XUA XXX'.split(
    ' ',
  ),
]);

/**
 * Code systems that are too large or too open to be listed, or are kept elsewhere: a code is judged by its form.
 */
export const codeRules: ReadonlyMap<string, CodeRule> = new Map<string, CodeRule>([
  // RFC 6838 media types, their parameters in any form, and FHIR's short forms for formats.
  [
    'urn:ietf:bcp:13',
    (code) => /^[\w!#$&^.+-]{1,127}\/[\w!#$&^.+*-]{1,127}(?:\s*;.*)?$|^(?:json|xml|ttl)$/.test(code),
  ],
  // RFC 5646 language tags.
  ['urn:ietf:bcp:47', (code) => /^(?:[A-Za-z]{2,3}|[A-Za-z]{4,8}|[xi])(?:-[A-Za-z0-9]{1,8})*$/.test(code)],
  // UCUM: printable ASCII without spaces; brackets and braces close.
  ['http://unitsofmeasure.org', (code) => /^(?:[!-Z\\^-z|~]|\[[!-Z\\^-~]+\]|\{[!-z|~]*\})+$/.test(code)],
  // ISO 4217 alphabetic codes.
  ['urn:iso:std:iso:4217', (code) => currencies.has(code)],
]);
