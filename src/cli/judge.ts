import { join } from 'node:path';
import { isError } from '../fhir/outcome.ts';
import type { Resource } from '../fhir/resource.ts';
import { inEntry } from '../interactions/located.ts';
import type { Server } from '../interactions/server.ts';
import { project } from '../project.ts';
import { storedDirectory } from '../referral/intake/directory/stored-directory.ts';
import { problemOfIssue } from '../referral/intake/places.ts';
import type { Problem } from '../referral/intake/problem.ts';
import type { SentRow } from '../referral/intake/read/sent.ts';
import { referralOf } from '../referral/intake/referral-of.ts';
import type { RowReader } from '../referral/intake/row.ts';
import { submitted } from '../referral/intake/send-row.ts';
import { ownServer } from './check/server.ts';

/** What is known of a row: the problems that refuse it, and what is only to be noted. */
export interface Judgement {
  problems: readonly Problem[];
  remarks: readonly Problem[];
}

type Made = Extract<Awaited<ReturnType<typeof referralOf>>, { row: unknown }>;

/** Judges the rows of tables, one after the other. */
export interface Judge {
  /** `made` is what the row was converted into. */
  judge(row: SentRow, made: Made): Promise<Judgement>;
  close(): Promise<void>;
}

/** What rows are judged with. */
export interface JudgedWith {
  reader: RowReader;
  /** Files of Bundles with the institutions and people; undefined: those of the examples. */
  community: readonly string[] | undefined;
  /** The code of the sending organization, for rows that do not name it. */
  organization: string | undefined;
}

/**
 * A judge that sends each row to a server of its own, which knows the community: its rules and its texts are those of
 * every server, and a row is judged beside those before it. A row whose institutions are not in a community that nobody
 * has named is held to the base specification and the profiles alone, and that is noted.
 */
export async function openJudge({ reader, community, organization }: JudgedWith): Promise<Judge> {
  const own = await ownServer(community ?? [join(project, 'examples/community.json')]);
  const { server, close } = own;
  const directory = storedDirectory(server);
  const { route } = own.router('POST', []);
  const submit = (present: Server, body: Resource) =>
    route.run(present, { method: 'POST', query: [], prefer: {}, body });
  return {
    close,
    judge: async (sent, made) => {
      const found = await referralOf(sent, reader, directory, organization);
      if ('problems' in found)
        return community
          ? { problems: found.problems, remarks: [] }
          : { problems: invalid(made, reader, server), remarks: found.problems.map(unjudged) };
      const result = await submitted(found.row, found.referral, { server, reader, submit });
      return result.result === 'refused'
        ? { problems: result.problems, remarks: [] }
        : { problems: [], remarks: result.warnings ?? [] };
    },
  };
}

/** What the base specification and the profiles find wrong. */
function invalid(
  { row, referral }: Made,
  reader: RowReader,
  { validator }: Pick<Server, 'validator'>,
): Problem[] {
  const { bundle } = referral;
  const claimed = bundle.entry.flatMap(({ resource }, index) =>
    validator.validateClaimed(resource).map((issue) => inEntry(issue, index)),
  );
  return [...validator.validateBase(bundle), ...claimed]
    .filter(isError)
    .map((issue) => problemOfIssue(issue, row, referral, reader));
}

function unjudged({ text, ...problem }: Problem): Problem {
  return {
    ...problem,
    text: {
      zh: `未按规则判断(用 --community 给出机构和人员):${text.zh}`,
      en: `Not judged by the rules (give institutions and people by --community): ${text.en}`,
    },
  };
}
