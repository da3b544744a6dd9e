import { elements, string } from '../../fhir/elements.ts';
import type { Resource } from '../../fhir/resource.ts';
import { findingsOf } from './finding.ts';
import type { Input } from './inputs.ts';
import type { Asked } from './server.ts';
import type { Checked } from './validate.ts';

/** What became of an input that was sent. */
export interface Sent extends Checked {
  status: number;
  /** Addresses of what was kept, e.g. `ServiceRequest/1/_history/1`. */
  kept: string[];
}

/** Sends a resource, or the entries of a bundle, to a server, and gives what it says. */
export async function send(input: Input, server: Asked): Promise<Sent> {
  const type =
    /"resourceType"\s*:\s*"([A-Za-z]{1,64})"/.exec(input.text)?.[1] ??
    /<([A-Z][A-Za-z]+)[\s>]/.exec(input.text)?.[1];
  const isToBeTaken =
    type === 'Bundle' &&
    /"type"\s*:\s*"(?:transaction|batch)"|<type value="(?:transaction|batch)"/.test(input.text);
  const { status, body } = await server.send(isToBeTaken || type === undefined ? '' : `/${type}`, input.text);
  const outcomes = body.resourceType === 'OperationOutcome' ? [body] : outcomesIn(body);
  const findings = outcomes
    .flatMap((outcome) => findingsOf(outcome, input))
    .filter(({ severity }) => severity !== 'information');
  return { input, status, findings, kept: keptIn(body) };
}

/** What is said of single entries. */
function outcomesIn(body: Resource): Resource[] {
  return elements(body, 'entry').flatMap(
    (entry) => elements(elements(entry, 'response')[0], 'outcome') as Resource[],
  );
}

function keptIn(body: Resource): string[] {
  if (body.resourceType !== 'Bundle') return body.id === undefined ? [] : [`${body.resourceType}/${body.id}`];
  return elements(body, 'entry').flatMap((entry) => string(elements(entry, 'response')[0], 'location') ?? []);
}
