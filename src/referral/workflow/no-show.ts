import type { Definitions } from '../../fhir/definitions/definitions.ts';
import { readJson } from '../../fhir/json/parse.ts';
import type { Resource } from '../../fhir/resource.ts';
import { and, type Query } from '../../fhir/search/query.ts';
import { changeOf } from '../../interactions/operation-changes.ts';
import { write } from '../../interactions/write.ts';
import type { Job } from '../../jobs/job.ts';
import { openRecords } from '../context/records.ts';
import { hasCode } from '../queries.ts';
import { isReferralTask } from '../recognise.ts';
import { createReferences } from '../reference.ts';
import { createDeadlines, type Deadlines } from './deadlines.ts';
import { arrivalEnd } from './requirements.ts';
import { withState } from './states.ts';

/** How many Tasks are looked at in one search. */
const pageSize = 100;

const reason = {
  text: '到诊期限和宽限期已过,患者未到诊 / The patient did not come within the time to arrive and the grace',
};

/** By itself the server fails only what is accepted; a Task on hold waits for a decision of people. */
const isAccepted = hasCode('status', 'accepted');

/**
 * The job that takes the step `no-show` for patients who were accepted and have not come, once their time to arrive
 * (Task.restriction.period) and the grace after it are over. It only finds them: whether the step is legal is decided
 * as for everybody else, with the server as the actor.
 */
export function noShow(definitions: Definitions): Job {
  const deadlinesOf = createDeadlines(definitions);
  return {
    name: 'no-show',
    find: async (server, after) => {
      const now = server.now();
      const records = openRecords({ changes: [], reader: server.store, now });
      const deadlines = await deadlinesOf(records);
      const isOver: Query = { kind: 'interval', name: 'arrival-period', high: { lt: now } };
      const page = await server.store.search({
        type: 'Task',
        filter: and([isAccepted, isOver]),
        sort: [],
        limit: pageSize,
        ...(after && { after }),
      });
      const items: string[] = [];
      for (const { version } of page) {
        const task = readJson(version.text) as Resource;
        if (isReferralTask(task) && now >= (await graceEnd(task, deadlines))) items.push(task.id!);
      }
      const last = page.at(-1)?.position;
      return { items, ...(page.length === pageSize && last && { next: last }) };

      async function graceEnd(task: Resource, { grace }: Deadlines): Promise<number> {
        const focus = createReferences(server.base).target(task, 'focus', 'ServiceRequest');
        return (arrivalEnd(task) ?? Number.POSITIVE_INFINITY) + grace(focus && (await records.find(focus)));
      }
    },
    run: async (server, transaction, id) => {
      const replaced = await transaction.read('Task', id);
      const task = replaced?.text ? (readJson(replaced.text) as Resource) : undefined;
      if (!replaced || task?.status !== 'accepted') return;
      const failed = withState({ ...task, statusReason: reason }, 'failed:no-show');
      const change = changeOf(server, replaced, failed);
      const asSystem = { ...server, actor: { roles: [], isSystem: true as const } };
      await write(asSystem, transaction, [change], { noted: change.issues, isBroken: change.isBroken });
    },
  };
}
