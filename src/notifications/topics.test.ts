import { describe, expect, test } from '@jest/globals';
import { createSearchParameters } from '../fhir/search/parameters.ts';
import { readDefinitions } from '../project.ts';
import { topicsOf } from './topics.ts';
import { watchesOf } from './watch.ts';

const definitions = readDefinitions();
const topics = topicsOf(definitions);
const parameters = createSearchParameters(definitions);
const parts = { topics, searching: { definitions, parameters, now: () => 0 } };
const own = (id: string) => `https://w3id.org/zhuanzhen/SubscriptionTopic/${id}`;

describe('the topics of profiles/', () => {
  test('are those of referrals, and each can be filtered by what its parties know', () => {
    expect([...topics.keys()]).toEqual(
      expect.arrayContaining(['referral-task', 'referral-request', 'overdue'].map(own)),
    );
    expect(topics.get(own('referral-task'))!.filters).toEqual(
      expect.arrayContaining(['owner', 'requester', 'status']),
    );
  });

  test.each([...topics.values()])('$url: its search and all its filters are search parameters', (topic) => {
    for (const { type } of topic.triggers) {
      const known = [...parameters.of(type).keys()];
      expect(known).toEqual(expect.arrayContaining([...topic.filters]));
      for (const include of topic.includes) expect(known).toContain(include.split(':')[1]);
    }
    expect(watchesOf({ criteria: topic.url, filters: [] }, parts)).toHaveLength(topic.triggers.length);
  });
});

describe('a filter', () => {
  const owned = [{ kind: 'term', term: 'owner|>Organization/a' }];

  test.each(['owner=Organization/a', 'Task?owner=Organization/a', 'Task.owner=Organization/a'])(
    'is written as a search, with the type or without: %s',
    (filter) => {
      const [watch] = watchesOf({ criteria: own('overdue'), filters: [filter] }, parts);
      expect(watch).toMatchObject({ type: 'Task', event: 'overdue' });
      expect(JSON.stringify(watch!.query)).toContain(JSON.stringify(owned[0]).slice(1, -1));
    },
  );

  test('that the topic does not have is refused, and those that it has are told', () => {
    expect(() => watchesOf({ criteria: own('overdue'), filters: ['note=x'] }, parts)).toThrow(
      /owner, requester/,
    );
    expect(() => watchesOf({ criteria: own('overdue'), filters: [''] }, parts)).toThrow(/owner, requester/);
  });
});
