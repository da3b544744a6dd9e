/**
 * How the leave to read goes from a referral's Task to what belongs to the referral: the Task's own references, those of
 * its ServiceRequest, and one step further to "what they name". What is an organization's or a directory's goes to nobody
 * in particular, and from one referral it does not go on to another; a Task's goes on to the one that it continues.
 */

/** Over so many references the leave of a party of a Task goes: Task → ServiceRequest → what it names → what that names. */
export const reach = 3;

/** Never reached from a resource but the Task: each is the head of a graph of its own. */
const heads: ReadonlySet<string> = new Set(['Task', 'ServiceRequest']);

const reference =
  /"reference":"((?:[^"\\]*\/)?([A-Z][A-Za-z]{2,40})\/([A-Za-z0-9\-.]{1,64})(?:\/_history\/[^"\\]*)?)"/g;
const binary = /"url":"((?:[^"\\]*\/)?(Binary)\/([A-Za-z0-9\-.]{1,64}))"/g;

/** The resources of this server that a stored text refers to, as `Type/[id]`, each once. */
export function referencesOf(text: string, base: string): Set<string> {
  const found = new Set<string>();
  for (const pattern of [reference, binary]) {
    for (const [, whole, type, id] of text.matchAll(pattern)) {
      const path = `${type}/${id}`;
      if (whole!.startsWith(path) || whole!.startsWith(`${base}/${path}`)) found.add(path);
    }
  }
  return found;
}

/** Whether the leave to read a resource of one type goes on to one of another type that it refers to. */
export function goesOn(from: string, to: string, isShared: (type: string) => boolean): boolean {
  if (!isShared(to) || from === 'Patient') return false;
  return from === 'Task' || !heads.has(to);
}
