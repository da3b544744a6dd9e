import { and, or, type Query } from '../../../fhir/search/query.ts';
import { invalid } from '../../../fhir/search/values.ts';
import type { OperationRequest } from '../../../interactions/operation.ts';
import type { Reader } from '../../../store/store.ts';
import { hasConcept, refersTo } from '../../queries.ts';
import { pathOf, type Target } from '../../reference.ts';
import { codeSystems, directions } from '../../vocabulary.ts';
import { localDay } from '../local-time.ts';
import { one, oneOf, periodIn, refuseUnknown, target } from '../parameters.ts';
import { type ReportPeriod, weekOf } from '../period.ts';

/** How a ledger is named that is not of one institution. */
export interface LedgerQuestion {
  period: ReportPeriod;
  organization?: Target | undefined;
  department?: Target | undefined;
  role: 'referring' | 'receiving' | 'both';
  direction?: string | undefined;
  count: number;
}

const names = ['organization', 'department', 'role', 'direction', 'period', 'start', 'end', '_count'];

/** How many referrals a page of a searchset has when nothing is said, and at most. */
const usualCount = 100;
const largestCount = 500;

/** So many people at most work in a department. */
const mostRoles = 500;

/** Reads the parameters of `$ledger`; refuses with 400 what is unknown, given twice or not of its form. */
export function readLedgerQuestion({ parameters, id }: OperationRequest, now: number): LedgerQuestion {
  refuseUnknown('$ledger', parameters, names);
  const organization = target(parameters, 'organization', ['Organization']);
  if (id !== undefined && organization)
    throw invalid('organization', {
      zh: '地址已指明机构',
      en: 'the organization is named by the address already',
    });
  const count = one(parameters, '_count');
  if (count !== undefined && !/^[1-9]\d{0,8}$/.test(count))
    throw invalid('_count', { zh: '须为正整数', en: 'it must be a positive integer' });
  return {
    period: periodIn(parameters) ?? weekOf(localDay(now)),
    organization: id === undefined ? organization : { type: 'Organization', id },
    department: target(parameters, 'department', ['HealthcareService']),
    role: oneOf(parameters, 'role', ['referring', 'receiving', 'both'] as const) ?? 'both',
    direction: oneOf(parameters, 'direction', directions),
    count: Math.min(Number(count ?? usualCount), largestCount),
  };
}

/** What the Tasks of a ledger match, beside their period. */
export async function filterOf(question: LedgerQuestion, reader: Reader): Promise<Query> {
  const { organization, department, role, direction } = question;
  const isReferring = role !== 'receiving';
  const isReceiving = role !== 'referring';
  return and([
    organization
      ? or([
          ...(isReferring ? [refersTo('sender', organization)] : []),
          ...(isReceiving ? [refersTo('receiver', organization)] : []),
        ])
      : { kind: 'all' },
    department
      ? or([
          ...(isReferring ? [await referredBy(department, reader)] : []),
          ...(isReceiving ? [refersTo('department', department)] : []),
        ])
      : { kind: 'all' },
    direction === undefined
      ? { kind: 'all' }
      : ofReferral(hasConcept('category', codeSystems.direction, direction)),
  ]);
}

/** Referrals by somebody who works in a department. */
async function referredBy(department: Target, reader: Reader): Promise<Query> {
  const roles = await reader.search({
    type: 'PractitionerRole',
    filter: refersTo('service', department),
    sort: [],
    limit: mostRoles,
  });
  const asked = roles.map(({ version }) =>
    refersTo('requester', { type: 'PractitionerRole', id: version.id }),
  );
  return ofReferral(or(asked));
}

function ofReferral(filter: Query): Query {
  return filter.kind === 'none' ? filter : { kind: 'chain', name: 'focus', target: 'ServiceRequest', filter };
}

/** What a file of the ledger is called, without its ending. */
export function fileNameOf({ period, organization, department }: LedgerQuestion): string {
  return ['台账', department && pathOf(department), organization && pathOf(organization), period.name]
    .filter((part) => part !== undefined)
    .join('-')
    .replaceAll('/', '-');
}
