import type { Element, Resource } from '../../fhir/resource.ts';
import type { CodeSystem } from '../../fhir/terminology/concept.ts';
import { Complaint } from '../command.ts';

/** Sent at once: a part is worked at for some seconds. */
const conceptsAtOnce = 4_000;

export interface Sending {
  server: string;
  token?: string | undefined;
  /** Told how many concepts the server has. */
  tell(done: number, all: number): void;
}

/**
 * Sends a code system by `CodeSystem/$load-codes`, in parts; gives the CodeSystem that the server has stored for it. Throws
 * a Complaint where the server refuses it: then what was there before is still in force.
 */
export async function sendTable(system: CodeSystem, { server, token, tell }: Sending): Promise<Resource> {
  const { concept = [], ...head } = system;
  let table: Element | undefined;
  for (let from = 0; ; from += conceptsAtOnce) {
    const part = { ...head, concept: concept.slice(from, from + conceptsAtOnce) };
    const isLast = from + conceptsAtOnce >= concept.length;
    const answer = await ask(server, token, [
      { name: 'codeSystem', resource: part },
      { name: 'last', valueBoolean: isLast },
      ...(table ? [table] : []),
    ]);
    const named = (name: string) => (answer.parameter as Element[]).find((each) => each.name === name);
    table = named('table')!;
    tell(from + part.concept.length, concept.length);
    if (isLast) return named('codeSystem')!.resource as Resource;
  }
}

async function ask(server: string, token: string | undefined, parameter: object[]): Promise<Resource> {
  const response = await fetch(`${server.replace(/\/$/, '')}/CodeSystem/$load-codes`, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/fhir+json',
      ...(token !== undefined && { Authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ resourceType: 'Parameters', parameter }),
  });
  const body = (await response.json().catch(() => ({}))) as Resource;
  if (response.ok) return body;
  const issues = (body.issue ?? []) as { details?: { text?: string }; diagnostics?: string }[];
  const lines = issues.map(({ details, diagnostics }) => details?.text ?? diagnostics ?? '');
  throw new Complaint([`HTTP ${response.status}`, ...lines].join('\n'));
}
