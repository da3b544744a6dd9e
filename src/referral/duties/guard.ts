import type { Issue } from '../../fhir/outcome.ts';
import type { Finding, Guard } from '../../interactions/guard.ts';
import { createReferences } from '../reference.ts';
import { partiesOf } from '../workflow/parties.ts';
import { dutyOf, isOpenDuty, withDue } from './duty.ts';

/** 403: a duty is its owner's to do, and for who has asked for it to change. */
const othersDuty: Issue = {
  severity: 'error',
  code: 'forbidden',
  text: {
    zh: '随访、补交材料任务由承办机构、提出机构或医共体办公室办理',
    en: 'A follow-up, or a paper that is owed, is for its owner, who asked for it, or the alliance office to change',
  },
  expression: ['Task'],
};

/** 409: what is owed does not disappear. */
const dutyStays: Issue = {
  severity: 'error',
  code: 'business-rule',
  text: {
    zh: '未办结的随访、补交材料任务不得删除',
    en: 'A follow-up, or a paper that is owed, is not deleted before it is done',
  },
  expression: ['Task'],
};

/** 409: papers are supplied by sending them. */
const papersMissing: Issue = {
  severity: 'error',
  code: 'business-rule',
  text: {
    zh: '材料收到后此任务自动办结;请提交所缺的材料',
    en: 'This Task is completed by itself once what is missing is there; send that',
  },
  expression: ['Task.status'],
};

/**
 * The guard that keeps on the Task of each duty who owes it until when, whoever writes it, so that it stands on the
 * overdue list as long as it is open. `base` is the server's URL, below which absolute references are to this server.
 */
export function createDutyGuard(base: string): Guard {
  const references = createReferences(base);
  return async ({ changes, actor }) => {
    const findings: Finding[] = [];
    const completed: { change: number; resource: (typeof changes)[number]['resource'] & object }[] = [];
    const statuses: number[] = [];
    for (const [change, { type, resource, previous }] of changes.entries()) {
      if (type !== 'Task' || !dutyOf(previous ?? resource)) continue;
      const refuse = (status: number, issue: Issue) => {
        findings.push({ ...issue, change });
        statuses.push(status);
      };
      const wasOpen = previous !== null && isOpenDuty(previous);
      if (partiesOf(actor, previous ?? resource!, references)?.size === 0) refuse(403, othersDuty);
      else if (!resource && wasOpen) refuse(409, dutyStays);
      else if (wasOpen && dutyOf(previous) === 'supply-papers' && resource && !isOpenDuty(resource))
        refuse(409, papersMissing);
      if (resource) completed.push({ change, resource: withDue(resource) });
    }
    return { findings, keep: [], completed, ...(statuses.length > 0 && { status: Math.min(...statuses) }) };
  };
}
