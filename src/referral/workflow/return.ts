import { randomUUID } from 'node:crypto';
import { elements } from '../../fhir/elements.ts';
import { refusals, refuse } from '../../fhir/refusal.ts';
import type { Resource } from '../../fhir/resource.ts';
import { elementsOf } from '../../fhir/search/elements.ts';
import type { Operation, OperationAnswer, OperationRequest } from '../../interactions/operation.ts';
import { calledOn, changeOf, creationOf, keepAll } from '../../interactions/operation-changes.ts';
import { rewriteLinks } from '../../interactions/references.ts';
import type { Server } from '../../interactions/server.ts';
import { stepOperationUrl } from '../vocabulary.ts';
import { followingTask } from './following-task.ts';
import { type Given, givenParameters, resourcesNamed } from './given-parameters.ts';
import { withoutOwed } from './owed.ts';
import { stepParameters } from './parameters.ts';
import { withState } from './states.ts';

/** What of the papers is listed with the down-referral itself, so that its receiver finds it. */
const supporting = ['CarePlan', 'MedicationRequest', 'MedicationStatement', 'List', 'Composition'];

/**
 * `Task/[id]/$return` with the down-`referral`, the `feedback`, and each further `resource` that goes with them (plan,
 * medicines, form): the Task is completed as returned, and the township is asked to take the patient back, in one
 * transaction. The resources refer to each other by the ids that they are given in the request; the server gives them
 * ids of its own. Answers with the Task that was completed; its output `down-referral` leads on.
 */
export const returnPatient: Operation = {
  name: '$return',
  definition: stepOperationUrl('$return'),
  on: { instance: true, types: ['Task'] },
  affectsState: true,
  run: answer,
};

async function answer(request: OperationRequest, server: Server): Promise<OperationAnswer> {
  const given = givenParameters(request, server, ['referral', 'feedback', 'resource']);
  const [sent] = resourcesNamed(given, 'referral');
  if (sent?.resourceType !== 'ServiceRequest') throw refuse(refusals.missingStepParameter, ['referral']);

  return server.store.write(async (transaction) => {
    const { replaced, before } = await calledOn(request, transaction);
    const papers = withNewIds(server, [sent, ...resourcesNamed(given, 'resource')]);
    const [referral, ...others] = papers.resources as [Resource & { id: string }, ...Resource[]];
    const down = downReferral(referral, others, before);
    const task = followingTask(
      withoutOwed(before),
      elements(before, 'requester')[0]!,
      'requested:submitted',
      server.now(),
      { focus: { reference: `ServiceRequest/${down.id}` }, requester: before.owner, priority: down.priority },
    );
    const returned = withState(withFeedback(before, papers.links, given, down.id), 'completed:returned');
    return keepAll(server, transaction, [
      changeOf(server, replaced, returned),
      ...[...others, down, task].map((resource) => creationOf(server, resource.id!, resource)),
    ]);
  });
}

interface Papers {
  resources: Resource[];
  /** The reference to a paper under its new id, for the one that it was given under. */
  links: ReadonlyMap<string, string>;
}

/** The papers under ids of the server's choice, and their references to each other changed accordingly. */
function withNewIds(server: Server, papers: readonly Resource[]): Papers {
  const links = new Map<string, string>();
  const named = papers.map((paper) => {
    const id = randomUUID();
    if (typeof paper.id === 'string')
      links.set(`${paper.resourceType}/${paper.id}`, `${paper.resourceType}/${id}`);
    return { ...paper, id };
  });
  const resources = named.map((paper) =>
    rewriteLinks(elementsOf(server.definitions), paper, (link, kind) =>
      kind === 'reference' ? links.get(link) : undefined,
    ),
  );
  return { resources, links };
}

/** The down-referral with what follows from the Task: whom it is about, what it is based on, and its papers. */
function downReferral(
  sent: Resource & { id: string },
  papers: readonly Resource[],
  task: Resource,
): Resource & { id: string } {
  const listed = elements(sent, 'supportingInfo');
  const known = new Set(listed.map(({ reference }) => reference));
  const added = papers
    .filter(({ resourceType }) => supporting.includes(resourceType))
    .map(({ resourceType, id }) => ({ reference: `${resourceType}/${id}` }))
    .filter(({ reference }) => !known.has(reference));
  const supportingInfo = [...listed, ...added];
  return {
    ...sent,
    ...(!sent.subject && { subject: task.for }),
    ...(!sent.basedOn && { basedOn: [task.focus] }),
    ...(!sent.performer && { performer: [task.requester] }),
    ...(supportingInfo.length > 0 && { supportingInfo }),
  };
}

function withFeedback(
  task: Resource,
  links: Papers['links'],
  given: readonly Given[],
  down: string,
): Resource {
  const feedback = given.filter(({ name }) => name === 'feedback');
  const told = feedback.reduce((after, { value, member }) => {
    const reference = (value as { reference?: string }).reference;
    const link = reference === undefined ? undefined : links.get(reference);
    return stepParameters.feedback.apply(
      after,
      link ? { ...(value as object), reference: link } : value,
      member,
    );
  }, task);
  return stepParameters['down-referral'].apply(
    told,
    { reference: `ServiceRequest/${down}` },
    'valueReference',
  );
}
