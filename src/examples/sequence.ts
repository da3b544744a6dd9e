import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Text } from '../fhir/outcome.ts';
import type { Resource } from '../fhir/resource.ts';

/** The folder of the examples. */
export const examples = fileURLToPath(new URL('../../examples/', import.meta.url));

/**
 * A course of requests, in order: what several institutions send to the server, and what it answers. It is data, a file
 * of `examples/steps/`, `examples/refused-steps/` or `examples/story/`.
 */
export interface Sequence {
  text: Text;
  requests: readonly SequenceRequest[];
}

/**
 * One request. Ids that the server gives are named (`names`) and stand in later requests as `{name}`, in the address and
 * in the body. So do days that are always ahead: `{tomorrow}` and `{next-week}`.
 */
export interface SequenceRequest {
  text: Text;
  /** For whom the client acts, as `Organization/[id]`; not given, nobody is known. */
  actor?: string;
  /** In which roles (`X-Acting-Roles`). */
  roles?: string;
  method: 'GET' | 'POST' | 'PUT' | 'PATCH';
  /** From the base of the API, beginning with `/`. */
  url: string;
  headers?: Readonly<Record<string, string>>;
  /** What is sent: a resource, or the operations of a JSON Patch. */
  body?: Resource | readonly object[];
  /** Or a file of the examples that is sent, for instance `valid/01-routine-up-hypertension`. */
  file?: string;
  /** Texts that are replaced in what is sent: another patient, another number. */
  instead?: Readonly<Record<string, string>>;
  /**
   * Names for what later requests need of the answer: a type stands for the id of the first resource of it, anything
   * else is a FHIRPath expression on what is answered.
   */
  names?: Readonly<Record<string, string>>;
  /** The name of the Task whose state the answer speaks of; `task` when not given. */
  task?: string;
  answer: SequenceAnswer;
}

/** What a request of a sequence is answered, as far as it matters. */
export interface SequenceAnswer {
  status: number;
  /** The codes of the errors: a rule, a row of the table of steps, or FHIR's code. */
  errors?: readonly string[];
  /** In what state the Task is afterwards; not there before there is one. */
  state?: string;
  /** Which organization owes the next step; not there when nothing is owed. */
  waitingFor?: string;
  /** FHIRPath expressions that are true of what is answered. */
  holds?: readonly string[];
}

/** Reads a sequence by its path below the examples, without `.json`. */
export function readSequence(path: string): Sequence {
  return JSON.parse(readFileSync(`${examples}${path}.json`, 'utf8')) as Sequence;
}

/** What stands for a name in the requests of a sequence: ids of the server, and days. */
export type Known = Map<string, string>;

/** What is known before a sequence begins: the days after `now` (milliseconds since the epoch) on China's clock. */
export function knownAt(now: number): Known {
  const dayAfter = (days: number) => new Date(now + (days * 24 + 8) * 3_600_000).toISOString().slice(0, 10);
  return new Map([
    ['tomorrow', dayAfter(1)],
    ['next-week', dayAfter(7)],
  ]);
}

/** What a request sends, as text; undefined when it sends nothing. */
export function bodyOf({ body, file, instead = {} }: SequenceRequest, known: Known): string | undefined {
  const text =
    file === undefined ? body && JSON.stringify(body) : readFileSync(`${examples}${file}.json`, 'utf8');
  if (text === undefined) return undefined;
  const replaced = Object.entries(instead).reduce((all, [from, to]) => all.replaceAll(from, to), text);
  return filledIn(replaced, known);
}

/** A text with what is known for the names in it. */
export function filledIn(text: string, known: Known): string {
  return text.replaceAll(/\{([a-z-]+)\}/g, (name, key: string) => known.get(key) ?? name);
}
