import { randomUUID } from 'node:crypto';
import { type Issue, isError } from '../../fhir/outcome.ts';
import { Refusal } from '../../fhir/refusal.ts';
import { type Element, isElement, isResource, type Resource } from '../../fhir/resource.ts';
import { inEntry } from '../../interactions/located.ts';
import type { Server } from '../../interactions/server.ts';
import type { EntryNotes } from '../../interactions/write-entries.ts';

/** A resource of a submission, and where it stands in what was sent. */
export interface Sent {
  /** Its entry in the Bundle that brought it. */
  index: number;
  /** By what the others of the submission refer to it; made up where none was sent, so that the server can. */
  fullUrl: string;
  resource: Resource;
}

/** The resources of a Bundle of messages, documents and collections, which says nothing of what to do with them. */
export function sentIn(bundle: Resource): Sent[] {
  const entries = Array.isArray(bundle.entry) ? bundle.entry : [];
  return entries.flatMap((entry: unknown, index): Sent[] => {
    const { fullUrl, resource } = (isElement(entry) ? entry : {}) as Element;
    if (!isResource(resource)) return [];
    return [{ index, resource, fullUrl: typeof fullUrl === 'string' ? fullUrl : `urn:uuid:${randomUUID()}` }];
  });
}

/** A place within the resource of an entry: the bundle itself can be read although something is wrong there. */
const withinResource = /^Bundle\.entry\[\d+\]\.resource\b/;

/** What of a Bundle is judged otherwise. */
export interface Judging {
  /** Whether the profiles that a resource claims are its own, and not those of what it becomes; all, unless given. */
  isTold?(each: Sent): boolean;
  /** Whether an issue is none, since what it misses is on record. */
  isElsewhere?(issue: Issue): boolean;
}

/**
 * What validation has to say of a Bundle: by the base specification of all of it, by the profiles that they claim of the
 * resources that `isTold`. Refuses with 400 a bundle that is broken itself.
 */
export function notesOn(
  { validator }: Pick<Server, 'validator'>,
  bundle: Resource,
  sent: readonly Sent[],
  { isTold = () => true, isElsewhere = () => false }: Judging = {},
): EntryNotes {
  const base = validator.validateBase(bundle).filter((issue) => !isElsewhere(issue));
  const broken = base.filter(isError);
  if (broken.some(({ expression }) => !withinResource.test(expression?.[0] ?? '')))
    throw new Refusal(400, base);
  const notes: Issue[][] = Array.from(bundle.entry as unknown[], () => []);
  for (const each of sent)
    notes[each.index] = isTold(each)
      ? validator.validateClaimed(each.resource).map((issue) => inEntry(issue, each.index))
      : [];
  return { broken, notes };
}
