import type { Element, Resource } from '../../../fhir/resource.ts';
import { fullUrlOf, type Part, recordNumber, textIn } from '../bundle/part.ts';
import type { Entries } from '../places.ts';
import type { FlatRow } from '../row.ts';
import { actionIn, type SentStep } from './step.ts';

/** The transaction that the row of a step becomes. */
export interface StepBundle extends Entries {
  bundle: Resource;
}

/** The transaction of a step: what it refers to, each created unless it is there, and the operation on the Task. */
export function stepBundleOf(row: FlatRow, task: Resource, { parameters, resources }: SentStep): StepBundle {
  const action = actionIn(row);
  const number = `${textIn(row, 'referral-number')}-${action}`;
  const ids = new Map(resources.map(({ key }) => [key, fullUrlOf(`${task.id} ${number}`, key)]));
  const entries = resources.map((part) => entryOf(number, part, ids.get(part.key)!));
  const linked = parameters.map((parameter) => {
    const { reference } = (parameter.valueReference ?? {}) as Element;
    const part = resources.find(({ key }) => key === reference);
    return part
      ? {
          ...parameter,
          valueReference: { reference: `${part.resource.resourceType}/${idIn(ids.get(part.key)!)}` },
        }
      : parameter;
  });
  const operation = {
    resource: { resourceType: 'Parameters', ...(linked.length > 0 && { parameter: linked }) } as Resource,
    request: { method: 'POST', url: `Task/${task.id}/$${action}` },
  };
  return {
    bundle: { resourceType: 'Bundle', type: 'transaction', entry: [...entries, operation] },
    // What the operation is refused for is said of the Task.
    types: [...resources.map(({ resource }) => resource.resourceType), 'Task'],
    origins: [...resources.map(({ fields }) => fields), [...row.values.keys()]],
  };
}

/** What a step refers to is named before it is there: the operation has to say its id. */
function entryOf(number: string, { key, resource }: Part, fullUrl: string) {
  const record = recordNumber(number, key, resource);
  const identifier = [...((resource.identifier as Element[] | undefined) ?? []), record];
  const isSingle = resource.resourceType === 'Composition';
  const id = idIn(fullUrl);
  return {
    resource: { ...resource, id, identifier: isSingle ? record : identifier } as Resource,
    request: { method: 'PUT', url: `${resource.resourceType}/${id}` },
  };
}

function idIn(fullUrl: string): string {
  return fullUrl.replace('urn:uuid:', '');
}
