import type { Issue } from '../../fhir/outcome.ts';
import type { DryRun } from '../../interactions/dry-run.ts';
import { inEntry } from '../../interactions/located.ts';
import type { Server } from '../../interactions/server.ts';
import { createContext } from '../context/context.ts';
import { openRecords } from '../context/records.ts';
import { createReferences, isSame } from '../reference.ts';
import { findSupport, supportOf } from '../rules/apply.ts';
import { apply } from '../rules/judge.ts';
import type { RuleSet } from '../rules/rule-set.ts';

/** Finds the indications that the data of the referrals among some changes support. */
export type Supported = (changes: DryRun['changes'], server: Server) => Promise<Issue[]>;

/** Made for the rules in force. The data are those of the changes, completed by what is on record, as for the rules. */
export function createSupported(rules: { current(): Promise<RuleSet> }): Supported {
  return async (planned, server) => {
    const { book, tierLists, lists, measurands } = await rules.current();
    const changes = planned.map(({ change }) => change);
    const now = server.now();
    const references = createReferences(server.base);
    const records = openRecords({ changes, reader: server.store, now });
    const sources = { records, references, tierLists, lists, measurands, now };
    const issues: Issue[] = [];
    for (const { index, change } of planned) {
      const { type, id, resource: referral } = change;
      if (type !== 'ServiceRequest' || !referral) continue;
      const task = records
        .submitted('Task')
        .find((each) => isSame(references.target(each, 'focus'), { type, id }));
      const context = createContext(sources, { referral, task, encounterOf: 'referral' });
      const found = await apply(book.indications, { focus: referral, context }, (indication) =>
        findSupport(indication, referral, context.environment),
      );
      issues.push(...found.map((support) => inEntry(supportOf(support), index)));
    }
    return issues;
  };
}
