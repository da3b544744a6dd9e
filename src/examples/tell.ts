import { elements, string } from '../fhir/elements.ts';
import type { Element } from '../fhir/resource.ts';
import { institutionName, stateName } from './institutions.ts';
import type { Played } from './play.ts';
import type { SequenceRequest } from './sequence.ts';

/** A request and what came of it, for a person at a terminal: who acts, what is answered, what is owed until when. */
export async function tell(
  { text, actor, method, url }: SequenceRequest,
  { answer, task, due }: Played,
  base: string,
): Promise<string> {
  const who = actor === undefined ? '' : `${institutionName(actor).zh}  `;
  const { status, errors = [], state, waitingFor } = answer;
  const lines = [
    `${who}${method} ${url}`,
    text.zh,
    text.en,
    [`→ ${status}`, ...errors, ...(state === undefined ? [] : [`${stateName(state)} ${state}`])].join('  '),
  ];
  if (task && waitingFor !== undefined && due !== undefined) {
    const next = await stepsOf(`${base}/Task/${task.id}/$next-steps`, waitingFor);
    lines.push(
      `  ${institutionName(waitingFor).zh} ≤ ${new Date(due).toLocaleString('sv')}: ${[...next].join(', ')}`,
    );
  }
  return `${lines.join('\n   ')}\n`;
}

/** The steps that are legal now for an organization, each by its operation, else by its name in the table. */
async function stepsOf(url: string, actor: string): Promise<Set<string>> {
  const response = await fetch(url, { headers: { 'X-Acting-Organization': actor } });
  const parameters = elements((await response.json()) as Element, 'parameter');
  const steps = parameters.filter(({ name }) => name === 'step').map((step) => elements(step, 'part'));
  return new Set(
    steps.map(
      (parts) =>
        string(partNamed(parts, 'operation'), 'valueString') ??
        string(partNamed(parts, 'name'), 'valueCode')!,
    ),
  );
}

function partNamed(parts: readonly Element[], name: string): Element | undefined {
  return parts.find((part) => part.name === name);
}
