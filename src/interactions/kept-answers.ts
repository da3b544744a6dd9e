import type { Issue } from '../fhir/outcome.ts';
import { Refusal } from '../fhir/refusal.ts';

/** A request whose answer is fetched later, as every process of the server sees it. */
export interface LaterRequest {
  id: string;
  /** The address as it was asked for. */
  url: string;
  /** Who asked, and alone may have the answer. */
  by: string;
  /** When it was asked, in milliseconds since the epoch. */
  began: number;
  /** When the process that works at it was last there, in milliseconds since the epoch. */
  alive: number;
  end?: Ended;
}

/** How a request has ended: with a text, of which only the length is said here, or with a refusal. */
export type Ended =
  | { type: string; length: number; parts: number }
  | { refusal: { status: number; issues: readonly Issue[] } };

/** Where they are remembered, which all processes of a server share: see `src/access/identity/state`. */
export interface Memory {
  find(kind: string, id: string): Promise<{ value: Record<string, unknown> } | undefined>;
  all(kind: string): Promise<{ value: Record<string, unknown> }[]>;
  put(
    kind: string,
    remembered: { id: string; value: Record<string, unknown>; group: string; expires: number },
  ): Promise<void>;
  removeGroup(group: string): Promise<void>;
}

const kinds = { request: 'LaterRequest', text: 'LaterAnswer' };

/** A text is kept in parts of so many characters: what MongoDB takes at once is bounded. */
const partLength = 1_000_000;

/** The requests whose answers are fetched later, and their answers; each goes some time after it was asked for. */
export interface KeptAnswers {
  find(id: string): Promise<LaterRequest | undefined>;
  all(): Promise<LaterRequest[]>;
  /** Keeps a request, or what has become of it. */
  put(request: LaterRequest): Promise<void>;
  /** Keeps the answer of a request and gives what is said of it. */
  putText(request: LaterRequest, type: string, text: string): Promise<Ended>;
  textOf(request: LaterRequest): Promise<string | undefined>;
  remove(id: string): Promise<void>;
}

/** @param age after so many milliseconds from its beginning a request is forgotten, however it stands */
export function keepAnswers(memory: Memory, age: number): KeptAnswers {
  const value = (from: object) => from as Record<string, unknown>;
  return {
    find: async (id) => (await memory.find(kinds.request, id))?.value as LaterRequest | undefined,
    all: async () => (await memory.all(kinds.request)).map(({ value }) => value as unknown as LaterRequest),
    put: (request) => {
      const { id, began, alive, end } = request;
      const expires = (end ? began : alive) + age;
      return memory.put(kinds.request, { id, value: value(request), group: id, expires });
    },
    putText: async ({ id, began }, type, text) => {
      const parts = Math.ceil(text.length / partLength);
      for (let n = 0; n < parts; n++)
        await memory.put(kinds.text, {
          id: `${id}/${n}`,
          value: { text: text.slice(n * partLength, (n + 1) * partLength) },
          group: id,
          expires: began + age,
        });
      return { type, length: text.length, parts };
    },
    textOf: async ({ id, end }) => {
      if (!end || 'refusal' in end) return undefined;
      let text = '';
      for (let n = 0; n < end.parts; n++) {
        const part = await memory.find(kinds.text, `${id}/${n}`);
        if (!part) return undefined;
        text += part.value.text;
      }
      return text;
    },
    remove: (id) => memory.removeGroup(id),
  };
}

/** The refusal with which a request has ended. */
export function refusalOf({ end }: LaterRequest): Refusal | undefined {
  return end && 'refusal' in end ? new Refusal(end.refusal.status, [...end.refusal.issues]) : undefined;
}

/** The memory of one process, where there is no other. */
export function ownMemory(): Memory {
  const known = new Map<string, { value: Record<string, unknown>; group: string; kind: string }>();
  return {
    find: async (kind, id) => known.get(`${kind} ${id}`),
    all: async (kind) => [...known.values()].filter((each) => each.kind === kind),
    put: async (kind, { id, value, group }) => {
      const key = `${kind} ${id}`;
      known.set(key, { value, group, kind });
    },
    removeGroup: async (group) => {
      for (const [key, each] of known) if (each.group === group) known.delete(key);
    },
  };
}
