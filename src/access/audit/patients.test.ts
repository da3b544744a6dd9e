import { describe, expect, test } from '@jest/globals';
import type { Answer } from '../../interactions/answer.ts';
import type { Asked } from '../../interactions/audited.ts';
import { concerned, concernedByRefused } from './patients.ts';

const base = 'http://county.example/fhir';
const asked: Asked = { method: 'GET', interaction: 'search-type', type: 'Observation', query: [] };
const of = (answer: Partial<Answer>, request: Partial<Asked> = {}) =>
  [...concerned(base, { ...asked, ...request }, { status: 200, ...answer })].sort();

describe('an answer concerns', () => {
  test.each([
    ['whom a reference names', '{"subject":{"reference":"Patient/a"}}', ['a']],
    ['whom an address below the base names', `{"fullUrl":"${base}/Patient/a-1.b"}`, ['a-1.b']],
    ['whom a version is named of', '{"reference":"Patient/a/_history/2"}', ['a']],
    ['each once, however often', '["Patient/a","Patient/b","Patient/a"]', ['a', 'b']],
    ['nobody of another server', '{"reference":"http://elsewhere/fhir/Patient/a"}', []],
    ['nobody whom a text speaks of', '{"text":"see Patient/a, or RelatedPatient/b"}', []],
    ['the patient who is read', '{"resourceType":"Patient","id":"a","active":true}', ['a']],
    ['no contained patient', '{"contained":[{"resourceType":"Patient","id":"a"}]}', []],
  ])('%s', (_, json, ids) => {
    expect(of({ json })).toEqual(ids);
  });

  test('those of the resource of which it shows a part', () => {
    const about = ['{"subject":{"reference":"Patient/a"}}'];
    expect(of({ json: '{"status":"final"}', about })).toEqual(['a']);
  });

  test.each<[Asked['query'], string[]]>([
    [[['patient', 'a']], ['a']],
    [[['patient', 'Patient/a,Patient/b']], ['a', 'b']],
    [[['subject', `${base}/Patient/a`]], ['a']],
    [[['subject:Patient', 'a']], ['a']],
    [[['code', 'a']], []],
  ])('those whom its search asks for, also when nothing is found: %j', (query, ids) => {
    expect(of({ json: '{}' }, { query })).toEqual(ids);
  });
});

test('a refused request concerns those whom its address and its body name', () => {
  const body = { resourceType: 'Observation', subject: { reference: 'Patient/b' } };
  const found = concernedByRefused(base, { ...asked, type: 'Patient', id: 'a', body });
  expect([...found]).toEqual(['a', 'b']);
});
