/** The namespace of FHIR's elements (http://hl7.org/fhir/R4/xml.html). */
export const fhir = 'http://hl7.org/fhir';

/** The namespace of narratives. */
export const xhtml = 'http://www.w3.org/1999/xhtml';

/** The namespace of declarations of namespaces. */
export const xmlns = 'http://www.w3.org/2000/xmlns/';

/** The namespace of `xml:lang`. */
export const xml = 'http://www.w3.org/XML/1998/namespace';

/** Where a schema is named. FHIR forbids it, but many programs write it, and it says nothing. */
export const schemaInstance = 'http://www.w3.org/2001/XMLSchema-instance';
