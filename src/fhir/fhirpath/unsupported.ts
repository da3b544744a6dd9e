/** Thrown where this engine does not know the answer: the whole expression is then left to fhirpath.js. */
export class Unsupported extends Error {}
