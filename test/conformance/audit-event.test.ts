import { expect, test } from '@jest/globals';
import { auditEventOf, countOf } from '../../src/access/audit/audit-event.ts';
import type { AuditRecord } from '../../src/access/audit/record.ts';

const oracle = process.env.ORACLE_URL;
const base = 'https://county.example/fhir';

const record: AuditRecord = {
  at: Date.parse('2026-03-02T09:00:00Z'),
  request: 'r-1',
  did: 'read',
  method: 'GET',
  status: 200,
  from: '10.1.2.3',
  on: 'Observation/o',
  patients: ['li'],
  by: {
    client: 'Device/his',
    person: 'Practitioner/wang',
    organization: 'Organization/township',
    roles: ['referrer'],
    purpose: 'ETREAT',
  },
};

/** One of each kind. */
const records: [string, AuditRecord][] = [
  ['a read', record],
  ['a read by nobody who is known', { ...record, by: {} }],
  ['a read that is refused', { ...record, status: 403 }],
  ['a fault', { ...record, status: 500 }],
  [
    'a search about two',
    { ...record, did: 'search-type', query: 'Observation?code=x', patients: ['li', 'wu'] },
  ],
  ['a search of all', { ...record, did: 'search-system', query: '?_lastUpdated=gt2020', patients: [] }],
  ['a create', { ...record, did: 'create', method: 'POST', status: 201 }],
  ['a create that is refused', { ...record, did: 'create', method: 'POST', status: 422, on: 'Observation' }],
  ['an update', { ...record, did: 'update', method: 'PUT' }],
  ['a patch', { ...record, did: 'patch', method: 'PATCH' }],
  ['a deletion', { ...record, did: 'delete', method: 'DELETE', status: 204 }],
  ['a history', { ...record, did: 'history-instance' }],
  ['an operation', { ...record, did: 'operation', query: 'Patient/li/$everything' }],
  ['a transaction', { ...record, did: 'transaction', method: 'POST', status: 422 }],
  ['an unknown address', { ...record, did: 'unknown', status: 404 }],
  [
    'a pruning',
    {
      at: record.at,
      request: 'prune',
      did: 'unknown',
      method: 'DELETE',
      status: 200,
      by: { person: 'clerk' },
      pruned: { last: 9, hash: 'aGFzaA==' },
    },
  ],
];

(oracle ? test : test.skip).each(records)(
  "the AuditEvents of %s are valid by HL7's validator (needs ../shared/oracle and Java)",
  async (_, each) => {
    for (let n = 0; n < countOf(each); n++) {
      const body = JSON.stringify(auditEventOf(base, 7, each, n));
      const response = await fetch(oracle!, { method: 'POST', body });
      const { issues } = (await response.json()) as { issues: { severity: string }[] };
      expect(issues.filter(({ severity }) => severity === 'error' || severity === 'fatal')).toEqual([]);
    }
  },
  // The first one waits for the validator to read all of R4.
  120_000,
);
