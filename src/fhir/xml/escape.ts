const special = /[&<>"\t\n\r]|[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  // A parser would read white space in an attribute as a plain space.
  '\t': '&#x9;',
  '\n': '&#xA;',
  '\r': '&#xD;',
};

/** Text as the value of an attribute, in double quotes. What XML cannot say is U+FFFD: FHIR's strings have none of it. */
export function escapeAttribute(text: string): string {
  return text.replace(special, (character) => escapes[character] ?? '\ufffd');
}

/** Text as the content of an element. */
export function escapeText(text: string): string {
  return text.replace(/[&<>]/g, (character) => escapes[character]!);
}
