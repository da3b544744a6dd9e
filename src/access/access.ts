import { anyReader, readerTerm } from '../fhir/search/entries.ts';
import { not, type Query } from '../fhir/search/query.ts';

/**
 * Who may read a resource, kept beside its current version and written in the transaction of whatever changes it.
 * `readers` are the labels of those who may read it in effect; each is also a term of the resource, so that a search asks
 * for the label of its actor like for any other term, and a read compares it with the list.
 *
 *     Organization/x              the organization x, for treatment and for what treatment needs
 *     alliance Organization/a     the office of the alliance a
 *     family Organization/t       the family doctors' team of t, whose signed resident the patient is
 *     …#restricted                only with a scope for sensitive categories (`meta.security` R or V)
 *     …?HRESCH                    for this purpose of use alone
 *     …!HRESCH                    not for this purpose, where the same label without it may
 *     withheld                    the patient wants it shared with nobody who has not made it
 */
export interface Access {
  /** The organization that made the resource. */
  author?: string;
  /** Organizations that may read it, and over how many references this goes on to what the resource names. */
  grants: Readonly<Record<string, number>>;
  /** Whether it is of a sensitive category. */
  restricted?: true;
  /** The patients whom it is about, `Patient/[id]`: whose decisions narrow and widen who may read it. */
  patients?: readonly string[];
  readers: readonly string[];
  /** What a patient has decided: on the Patient alone. */
  decided?: Decided;
  /** The membership by which all that is stored has been labelled: on an OrganizationAffiliation alone. */
  settled?: string;
}

/** What holds for all that is about a patient. */
export interface Decided {
  /** Organizations of the family doctors that the Patient itself names. */
  signed: readonly string[];
  /** Organizations whose family doctors have signed the patient, by the Patient or by a CareTeam. */
  residentOf: readonly string[];
  provisions: readonly Provision[];
}

/** One provision of a Consent in force (http://hl7.org/fhir/R4/consent.html#6.2.6.3). */
export interface Provision {
  type: 'permit' | 'deny';
  /** Organizations; absent: everybody. */
  actors?: readonly string[];
  /** Codes of purposes of use; absent: all. */
  purposes?: readonly string[];
  /** Resources, `Type/[id]`, that it is about; absent: all of the patient. */
  resources?: readonly string[];
  /** A permit goes no further than to what this organization has made; absent: to all of the patient. */
  from?: string;
  /** It stands above denials: access in an emergency. */
  emergency?: true;
}

/** The terms of a resource with these readers: one at least, by which it is known to be labelled. */
export function readerTerms(readers: readonly string[]): string[] {
  return readers.length > 0 ? readers.map(readerTerm) : [readerTerm('nobody')];
}

/** What is stored without a word on who may read it: what was written before anything was kept of that. */
export const unlabelled: Query = not(anyReader);

/** The text that is kept: the readers, each on a line of its own, before the rest as JSON, so that a read parses nothing. */
export function accessText({ readers, ...rest }: Access): string {
  return `\n${readers.map((label) => `${label}\n`).join('')}${JSON.stringify(rest)}`;
}

/** Whether a text that is kept names a reader by this label. */
export function isReader(text: string | undefined, label: string): boolean {
  return text?.includes(`\n${label}\n`) === true;
}

/** Reads what stands beside a version; undefined where nobody has written it. */
export function accessOf(version: { access?: string | undefined } | undefined): Access | undefined {
  if (version?.access === undefined) return undefined;
  const lines = version.access.split('\n');
  const rest = JSON.parse(lines.pop()!) as Omit<Access, 'readers'>;
  return { ...rest, readers: lines.slice(1) };
}
