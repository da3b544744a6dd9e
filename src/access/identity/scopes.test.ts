import { expect, test } from '@jest/globals';
import { covers, parseScope, parseScopes, permits } from './scopes.ts';

test('a scope of version 2 says the context, the type, the permissions, and which of them', () => {
  expect(parseScope('system/ServiceRequest.rs?status=active&intent=order')).toEqual({
    context: 'system',
    type: 'ServiceRequest',
    permissions: 'rs',
    filter: 'status=active&intent=order',
  });
});

test.each([
  ['user/*.read', 'rs'],
  ['user/*.write', 'cud'],
  ['user/*.*', 'cruds'],
])('%s of version 1 is %s of version 2', (scope, permissions) => {
  expect(parseScope(scope)).toEqual({ context: 'user', type: '*', permissions });
});

test.each([
  'openid',
  'encounter/*.rs',
  'system/*.',
  'system/Task.sr',
  'system/Task.rr',
  'system/task.r',
  'system/Task.read?status=active',
  'system/Task.r?',
  'system/Task',
  'xsystem/Task.r',
  'system/Task.r?a="b"',
])('%s permits nothing', (scope) => {
  expect(parseScope(scope)).toBeUndefined();
});

test('reading, searching and writing are permitted each by its letter', () => {
  const scopes = parseScopes('openid system/Task.rs system/Patient.r');
  expect(permits(scopes, 'read', 'Task')).toBe('all');
  expect(permits(scopes, 'search-type', 'Task')).toBe('all');
  expect(permits(scopes, 'update', 'Task')).toBe('none');
  expect(permits(scopes, 'search-type', 'Patient')).toBe('none');
  expect(permits(scopes, 'read', 'Observation')).toBe('none');
});

test('of several filters each permits what it finds, and one without a filter permits all', () => {
  const filtered = parseScopes('system/Task.rs?status=requested system/Task.r?priority=stat');
  expect(permits(filtered, 'read', 'Task')).toEqual([
    { criteria: 'status=requested' },
    { criteria: 'priority=stat' },
  ]);
  expect(permits(filtered, 'search-type', 'Task')).toEqual([{ criteria: 'status=requested' }]);
  expect(permits([...filtered, ...parseScopes('system/*.r')], 'read', 'Task')).toBe('all');
});

test('of one patient it permits what is of that patient, beside what other scopes do', () => {
  const scopes = parseScopes('patient/Task.rs?status=requested patient/Observation.rs user/Observation.r');
  expect(permits(scopes, 'read', 'Task')).toEqual([{ criteria: 'status=requested', ofPatient: true }]);
  expect(permits(scopes, 'search-type', 'Observation')).toEqual([{ ofPatient: true }]);
  expect(permits(scopes, 'read', 'Observation')).toBe('all');
});

test('without scopes there is no bound by them; with none that say anything, nothing is permitted', () => {
  expect(permits(undefined, 'delete', 'Task')).toBe('all');
  expect(permits([], 'read', 'Task')).toBe('none');
});

test.each([
  ['system/*.cruds', 'system/Task.rs', true],
  ['system/*.cruds', 'system/Task.rs?status=active', true],
  ['system/Task.rs', 'system/Task.r', true],
  ['system/Task.rs', 'system/Task.cr', false],
  ['system/Task.rs', 'system/*.rs', false],
  ['system/Task.rs', 'user/Task.rs', false],
  ['system/Task.rs?status=active', 'system/Task.rs', false],
  ['system/Task.rs?status=active', 'system/Task.r?status=active', true],
  ['system/Task.rs?status=active', 'system/Task.r?status=draft', false],
  ['user/*.rs', 'patient/Task.rs', true],
  ['patient/*.rs', 'user/Task.rs', false],
  ['system/*.rs', 'patient/Task.rs', false],
  // What is sensitive is had by who is registered for it.
  ['system/*.rs', 'system/Condition.rs?_security=http://c|R', false],
  ['system/Condition.rs?_security=http://c|R', 'system/Condition.rs?_security=http://c|R', true],
])('who may have %s may have %s: %s', (wider, narrower, is) => {
  expect(covers(parseScope(wider)!, parseScope(narrower)!)).toBe(is);
});
