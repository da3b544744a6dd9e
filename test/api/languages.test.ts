import { expect, test } from '@jest/globals';
import { onEachEngine } from '../environment/server.ts';

/** Requests that are wrong in one thing each: what is said of them is wholly Chinese before the slash. */
const searches = [
  'Patient?birthdate=2024/01/02',
  'Patient?_include=x',
  'Patient?_include=*:*',
  'Patient?_sort=colour',
  'Patient?_count=x',
  'Patient?_summary=x',
  'Patient?_elements=1',
  'Patient?_type=x',
  'Patient?name:near=x',
  'Patient?active:missing=x',
  'Patient?_has:x=1',
  'Patient?_has:Nothing:x:y=1',
  'Patient?_filter=name',
  'Patient?_filter=name xx "a"',
  'Patient?_query=x',
  'Patient?_list=$x',
  'Patient?_cursor=x',
  'Patient?organization:Patient.name=x',
  'Patient?name.family=x',
  'Patient?_text=a b (',
  'Patient?identifier=a|b|c',
  'Patient?identifier=|',
  'Patient?name=\\x',
  'Observation?value-quantity=a',
  'Observation?value-quantity=5|mg',
  'Observation?code-value-quantity=a|b',
  'Observation?code-value-quantity=a$b',
  'Observation?code-value-quantity=a$b$c',
  'Observation?code:in=http://example.org/none',
  'Location?near=x',
  'Patient?_lastUpdated=x',
  'Nothing?x=1',
  '_history?_since=x',
  '_history?_count=x',
  'Patient/$everything',
  'Patient/$referral-history',
  'Patient/$referral-history?identifier=a|b&start=x',
  'Patient/$referral-history?identifier=a|b&status=x',
  'Patient/$nothing',
];

onEachEngine((server) => {
  const halves = (body: { issue: { details: { text: string } }[] }) =>
    body.issue.map(({ details }) => details.text.split(' / ')[0]!);
  const expectChinese = (body: { issue: { details: { text: string } }[] }) => {
    for (const chinese of halves(body)) {
      expect(chinese).toMatch(/[\u4e00-\u9fff]/);
      expect(chinese).not.toMatch(/[a-z]{2,} [a-z]{2,} [a-z]{2,}/);
      expect(chinese).not.toMatch(/「」| {2}| - 有误/);
    }
  };

  test.each(searches)('GET %s', async (path) => {
    const { body, status } = await server.get(`/${encodeURI(path).replaceAll('%25', '%')}`);
    if (status >= 400) expectChinese(body);
    else expect(status).toBe(200);
  });

  test.each([
    ['{"a":', 'application/fhir+json'],
    ['[]', 'application/fhir+json'],
    ['{"resourceType":"Bundle","type":"collection"}', 'application/fhir+json'],
    ['{"resourceType":"Bundle","type":"transaction","entry":[{}]}', 'application/fhir+json'],
    [
      '{"resourceType":"Bundle","type":"transaction","entry":[{"request":{"method":"GO","url":"x"}}]}',
      'application/fhir+json',
    ],
    ['<Patient/>', 'application/fhir+xml'],
  ])('POST %s', async (body, type) => {
    const answer = await server
      .post('/')
      .set('Content-Type', type)
      .accept('application/fhir+json')
      .send(body);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expectChinese(answer.body);
  });

  test.each([
    ['{}', 'application/json-patch+json'],
    ['[{}]', 'application/json-patch+json'],
    ['[{"op":"add","path":"x","value":1}]', 'application/json-patch+json'],
    ['[{"op":"remove","path":""}]', 'application/json-patch+json'],
    ['', 'application/json-patch+json'],
    ['{"resourceType":"Parameters"}', 'application/fhir+json'],
    ['{"resourceType":"Parameters","parameter":[{"name":"operation","part":[]}]}', 'application/fhir+json'],
  ])('PATCH %s', async (body, type) => {
    await server.put('/Patient/l', { resourceType: 'Patient', id: 'l' });
    const answer = await server.patch('/Patient/l', {}).set('Content-Type', type).send(body);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expectChinese(answer.body);
  });
});
