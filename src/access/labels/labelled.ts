import { linksOf } from '../../store/packed-entries.ts';
import type { IndexedVersion, StoredVersion } from '../../store/store.ts';
import { type Access, accessOf } from '../access.ts';
import { reach } from '../graph.ts';
import { parties } from '../types.ts';
import type { LabelWork } from './work.ts';

/** A version that is to be written, and the one that it replaces. */
export interface Put {
  next: IndexedVersion;
  replaced: StoredVersion | undefined;
}

/** A resource of which it is to be said who may read it: one that is being written, or one that is stored. */
export interface Labelled {
  path: string;
  type: string;
  id: string;
  text: string | null;
  version: number;
  /** As in `Access`. */
  grants: Record<string, number>;
  access: Omit<Access, 'readers' | 'grants'>;
  /** As it was before. */
  before: Access | undefined;
  /** Its terms, where what it says itself is read: it is written, or was never labelled. */
  terms?: readonly string[];
  /** What is to be written of it; absent for one that is stored and whose readers alone change. */
  put?: Put;
}

/** All resources that one step of the labelling is about, by their paths. */
export type Drafts = Map<string, Labelled>;

/** The parameters by which a resource is about a patient. */
export const aboutPatient = ['patient', 'subject', 'beneficiary', 'individual', 'actor'] as const;

const patientTerm = new RegExp(`^(?:${aboutPatient.join('|')})\\|>(Patient\\/[A-Za-z0-9\\-.]{1,64})$`);
const confidential = /^_security\|http:\/\/terminology\.hl7\.org\/CodeSystem\/v3-Confidentiality\|[rv]$/i;

/** Whether terms say that a resource is of a sensitive category: confidentiality R or V. */
export function isRestricted(terms: readonly string[]): boolean {
  return terms.some((term) => confidential.test(term));
}

/** What is known of a version that is to be written, by itself. */
export async function draftOfPut(work: LabelWork, put: Put): Promise<Labelled> {
  const { next, replaced } = put;
  const before = accessOf(replaced);
  return {
    ...(await draftOf(work, next, linksOf(next.entries), before, before?.author ?? next.author)),
    put,
  };
}

/** What a version says itself: to whom it is addressed, whom it is about, and how sensitive it is. */
export async function draftOf(
  work: LabelWork,
  { type, id, text, version }: StoredVersion,
  terms: readonly string[],
  before: Access | undefined,
  author: string | undefined,
): Promise<Labelled> {
  const grants: Record<string, number> = { ...before?.grants };
  for (const party of await work.organizationsBy(parties[type], terms))
    give(grants, party, type === 'Task' ? reach : 0);
  const restricted = text === null ? before?.restricted : isRestricted(terms);
  const patients =
    text === null
      ? before?.patients
      : [...new Set(terms.flatMap((term) => patientTerm.exec(term)?.[1] ?? []))];
  return {
    path: `${type}/${id}`,
    ...{ type, id, text, version, grants, terms, before },
    access: {
      ...(author !== undefined && { author }),
      ...(restricted && { restricted: true as const }),
      ...(patients && patients.length > 0 && { patients }),
      ...(before?.decided && { decided: before.decided }),
    },
  };
}

/** A stored version as it is labelled now; undefined for one that never was. */
export function draftOfStored(stored: StoredVersion | undefined): Labelled | undefined {
  const before = accessOf(stored);
  if (!stored || !before) return undefined;
  const { readers: _, grants, ...access } = before;
  const { type, id, text, version } = stored;
  return { path: `${type}/${id}`, type, id, text, version, grants: { ...grants }, access, before };
}

/** Gives an organization leave over so many references more; whether that is more than it had. */
export function give(grants: Record<string, number>, organization: string, left: number): boolean {
  const had = grants[organization];
  if (left < 0 || (had !== undefined && had >= left)) return false;
  grants[organization] = left;
  return true;
}
