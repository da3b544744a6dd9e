import { type Answer, textOf } from '../../interactions/answer.ts';
import type { Asked } from '../../interactions/audited.ts';

const mark = 'Patient/';
const whole = /^[A-Za-z0-9\-.]{1,64}$/;
/** What the answer to a read of a patient begins with. */
const ownId = /^\{"resourceType":"Patient","id":"([A-Za-z0-9\-.]{1,64})"/;

/**
 * Adds the ids of the patients that a text of JSON names by `Patient/[id]`, relative or below the server's base. What
 * leaves the server names its patients in just this way, whichever interaction made it: a scan of some microseconds finds
 * them all, and no interaction can forget to tell.
 */
export function addNamed(text: string, base: string, found: Set<string>): void {
  for (let at = text.indexOf(mark); at >= 0; at = text.indexOf(mark, at)) {
    const start = at + mark.length;
    const before = text[at - 1];
    const isOurs = before === '"' || (before === '/' && text.startsWith(base, at - 1 - base.length));
    at = start;
    if (!isOurs) continue;
    while (isOfId(text.charCodeAt(at))) at++;
    if (at > start && at - start <= 64) found.add(text.slice(start, at));
  }
}

function isOfId(code: number): boolean {
  return (
    (code >= 97 && code <= 122) ||
    (code >= 48 && code <= 57) ||
    (code >= 65 && code <= 90) ||
    code === 45 ||
    code === 46
  );
}

/** Ids of the patients whom an answer concerns: those that were asked for, and those that it is about. */
export function concerned(base: string, asked: Asked, { version, json, pieces, about }: Answer): Set<string> {
  const found = askedFor(asked);
  if (version?.type === 'Patient') found.add(version.id);
  const text = json ?? version?.text;
  if (text) {
    const [, own] = ownId.exec(text) ?? [];
    if (own !== undefined) found.add(own);
    addNamed(text, base, found);
  }
  if (json !== undefined && version?.text) addNamed(version.text, base, found);
  for (const each of pieces ?? []) addNamed(textOf(each), base, found);
  for (const each of about ?? []) addNamed(each, base, found);
  return found;
}

/** Those whom a refused request was about, as far as it says. */
export function concernedByRefused(base: string, asked: Asked): Set<string> {
  const found = askedFor(asked);
  if (asked.body !== undefined) addNamed(JSON.stringify(asked.body), base, found);
  return found;
}

/** The patients that an address names. */
function askedFor({ type, id, query }: Asked): Set<string> {
  const found = new Set<string>();
  if (type === 'Patient' && id !== undefined) add(id, found);
  for (const [name, value] of query) {
    const isId = name === 'patient' || name.endsWith(':Patient') || (name === '_id' && type === 'Patient');
    if (!isId && !value.includes(mark)) continue;
    for (const each of value.split(',')) {
      const at = each.lastIndexOf(mark);
      if (at >= 0) add(each.slice(at + mark.length), found);
      else if (isId) add(each, found);
    }
  }
  return found;
}

function add(id: string, found: Set<string>): void {
  if (whole.test(id)) found.add(id);
}
