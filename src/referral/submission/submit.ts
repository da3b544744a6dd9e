import { type Issue, isError, operationOutcome } from '../../fhir/outcome.ts';
import { Refusal, refuse } from '../../fhir/refusal.ts';
import type { Element } from '../../fhir/resource.ts';
import type { Answer } from '../../interactions/answer.ts';
import { done } from '../../interactions/answer.ts';
import type { Operation } from '../../interactions/operation.ts';
import type { Server } from '../../interactions/server.ts';
import { claimConditions } from '../../interactions/write-entries.ts';
import { isReferral } from '../recognise.ts';
import { pathOf } from '../reference.ts';
import { submitUrl } from '../vocabulary.ts';
import { type Filed, fileResources, numberConditions } from './file-resources.ts';
import { outcomesOf } from './outcomes.ts';
import { submissionRefusals } from './refusals.ts';
import { notesOn } from './sent.ts';
import { type SubmittedResource, submittedIn } from './submitted.ts';
import { taskOf } from './task-of.ts';

/**
 * `ServiceRequest/$submit`: a referral with all that belongs to it, for who would rather send a list of resources than
 * build a transaction. It is filed as one: the same rules, all or nothing. Answers with what it is on record as, and
 * whether it was there before.
 */
export const submit: Operation = {
  name: '$submit',
  definition: submitUrl,
  on: { type: true, types: ['ServiceRequest'] },
  affectsState: true,
  run: async ({ body }, server) => {
    const sent = submittedIn(server.definitions, body, server.limits.maxBundleEntries);
    try {
      return await file(server, sent);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      throw new Refusal(error.status, inParameters(error.issues, sent), error.headers);
    }
  },
};

async function file(server: Server, sent: readonly SubmittedResource[]): Promise<Answer> {
  if (!sent.some(({ resource }) => resource.resourceType === 'ServiceRequest' && isReferral(resource)))
    throw refuse(submissionRefusals.noReferral);
  const bundle = {
    resourceType: 'Bundle',
    type: 'collection',
    entry: sent.map(({ fullUrl, resource }) => ({ fullUrl, resource })),
  };
  const noted = notesOn(server, bundle, sent);
  return server.store.write(async (tx): Promise<Answer> => {
    await claimConditions(tx, numberConditions(server, sent));
    const filed = await fileResources(server, tx, sent, noted);
    const referral = sent.find(({ resource }) => resource.resourceType === 'ServiceRequest')!;
    const target = filed.targets.get(referral.index)!;
    const task = await taskOf(tx, target);
    const issues = [...filed.answers.values()].flatMap((answer) => (answer.issues ?? []).filter(isNote));
    const parameter = [
      { name: 'status', valueCode: filed.answers.get(referral.index)?.created ? 'filed' : 'repeated' },
      referenceParameter(server, 'referral', pathOf(target)),
      ...(task ? [referenceParameter(server, 'task', pathOf(task))] : []),
      ...others(server, sent, filed),
      {
        name: 'outcome',
        resource: operationOutcome(issues.length > 0 ? inParameters(issues, sent) : [done]),
      },
    ];
    return {
      status: 200,
      json: JSON.stringify({ resourceType: 'Parameters', parameter }),
      ...(server.trail && { entries: outcomesOf(filed) }),
    };
  });
}

/** What else was sent is on record as, in its order. */
function others(server: Server, sent: readonly SubmittedResource[], { targets }: Filed): Element[] {
  return sent.flatMap(({ index, resource }): Element[] => {
    const target = targets.get(index);
    if (!target || ['ServiceRequest', 'Task'].includes(resource.resourceType)) return [];
    const name = resource.resourceType === 'Patient' ? 'patient' : 'resource';
    return [referenceParameter(server, name, pathOf(target))];
  });
}

function referenceParameter({ base }: Server, name: string, path: string): Element {
  return { name, valueReference: { reference: `${base}/${path}` } };
}

const isNote = (issue: Issue) => !isError(issue);

/** The issues with their places in the Parameters. */
function inParameters(issues: readonly Issue[], sent: readonly SubmittedResource[]): Issue[] {
  const placed = (text: string, from: RegExp, root: string) =>
    text.replace(from, (all, index: string) => {
      const place = sent[Number(index)]?.place;
      return place ? `${root}${place.slice('Parameters.'.length)}` : all;
    });
  return issues.map(({ expression, json, ...issue }) => ({
    ...issue,
    ...(expression && {
      expression: expression.map((each) => placed(each, /^Bundle\.entry\[(\d+)\]/, 'Parameters.')),
    }),
    ...(json !== undefined && { json: placed(json, /^entry\[(\d+)\]/, '') }),
  }));
}
