import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { operationDefinitions, stepCodes, workflowPage } from './published.ts';

const project = fileURLToPath(new URL('../../../', import.meta.url));

/** Writes what is made from the table of steps: the OperationDefinitions, the codes and the page. */
export function publishedFiles(): ReadonlyMap<string, string> {
  const json = (resource: object) => `${JSON.stringify(resource, null, 2)}\n`;
  return new Map([
    ...operationDefinitions().map(
      (definition) => [`profiles/OperationDefinition-${definition.id}.json`, json(definition)] as const,
    ),
    ['terminology/CodeSystem-referral-step.json', json(stepCodes())] as const,
    ['src/referral/workflow/README.md', workflowPage()] as const,
  ]);
}

if (import.meta.main) for (const [path, text] of publishedFiles()) writeFileSync(project + path, text);
