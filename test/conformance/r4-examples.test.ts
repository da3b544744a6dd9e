import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import type { Resource } from '../../src/fhir/resource.ts';
import { extractEntries } from '../../src/fhir/search/extract.ts';
import { searchServer } from '../environment/search.ts';
import { onEachEngine, type TestServer } from '../environment/server.ts';
import { type Criterion, ownSearches } from './own-searches.ts';
import { unitsNotOfUcum } from './units-not-of-ucum.ts';

/** The instance examples of the R4 specification (hl7.fhir.r4.examples 4.0.1). */
const folder = new URL('../../../shared/conformance/r4-examples/', import.meta.url);
const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.json')) : [];

/** Those that break R4's own rules, and the rule. */
const faulty = new Map([
  ['Questionnaire-qs1.json', 'linkId'],
  ['ActivityDefinition-blood-tubes-supply.json', 'txt-2'],
  ['ActivityDefinition-heart-valve-replacement.json', 'txt-2'],
  ['Questionnaire-zika-virus-exposure-assessment.json', 'txt-2'],
  ...unitsNotOfUcum.map((name) => [name, 'UCUM'] as const),
]);

/** A search has at most so many criteria here: the server allows some more. */
const together = 150;

/** JSON with the digits of each number kept, and without what the server itself writes. */
function withDigits(text: string): unknown {
  const parsed = JSON.parse(text, (_, value, context?: { source: string }) =>
    typeof value === 'number' ? { digits: context!.source } : value,
  ) as { meta?: Record<string, unknown> };
  const { versionId: _, lastUpdated: __, ...meta } = parsed.meta ?? {};
  return { ...parsed, meta };
}

/** A subscription without what its server decides (status, error) or shows to nobody (headers, sealed secrets). */
function withoutSecrets({ criteria, reason, channel }: Record<string, unknown>): unknown {
  const { header: _, extension: __, ...shown } = channel as Record<string, unknown>;
  return { criteria, reason, channel: shown };
}

const describeExamples = names.length > 0 ? describe : describe.skip;
if (names.length === 0)
  test.skip('there is no folder ../shared/conformance/r4-examples beside the project', () => {});

describeExamples('the examples of R4', () => {
  test('of nearly every entry of theirs a search is derived', () => {
    let derived = 0;
    const left = new Set<string>();
    for (const name of names) {
      const resource = JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Resource;
      const entries = extractEntries(searchServer.parameters, resource, searchServer.base);
      const own = ownSearches(searchServer.parameters, resource.resourceType, entries);
      derived += own.own.length;
      for (const reason of own.left) left.add(reason);
    }
    expect(derived).toBeGreaterThan(50_000);
    expect([...left].sort()).toEqual([
      'is a lone character',
      'is half of a position, which is searched as a whole',
      'only says that something is contained',
    ]);
  });

  onEachEngine((server) => {
    const isSubscription = (name: string) => name.startsWith('Subscription-');
    const sent = names.filter((name) => !faulty.has(name) && !isSubscription(name));

    // The server goes on with it by itself: it tries the endpoint, and says how that went in a version of its own.
    test.each(names.filter(isSubscription))(
      '%s is taken, and its secrets are shown to nobody',
      async (name) => {
        const text = readFileSync(new URL(name, folder), 'utf8');
        const path = `/Subscription/${JSON.parse(text).id}`;
        await server.put(path).set('Content-Type', 'application/fhir+json').send(text).expect(201);
        const answer = await server.get(path).expect(200);
        expect(withoutSecrets(answer.body)).toEqual(withoutSecrets(JSON.parse(text)));
        expect(answer.text).not.toContain('secret-token-abc-123');
      },
    );

    test.each(sent)(
      '%s comes back digit for digit, from history too, and is found by all that it says',
      async (name) => {
        const text = readFileSync(new URL(name, folder), 'utf8');
        const { resourceType, id } = JSON.parse(text) as Resource;
        const path = `/${resourceType}/${id}`;
        const send = () => server.put(path).set('Content-Type', 'application/fhir+json').send(text);

        const created = await send();
        if (created.status !== 201) throw new Error(created.text);
        const expected = withDigits(text);
        expect(withDigits(created.text)).toEqual(expected);
        expect(withDigits((await server.get(path).expect(200)).text)).toEqual(expected);

        await send().expect(200).expect('ETag', 'W/"2"');
        expect(withDigits((await server.get(`${path}/_history/1`).expect(200)).text)).toEqual(expected);
        expect(withDigits((await server.get(`${path}/_history/2`).expect(200)).text)).toEqual(expected);

        await findsItself(server, (await server.get(path).expect(200)).body);
      },
    );

    test.each([...faulty])('%s may be refused, by %s alone', async (name, rule) => {
      const text = readFileSync(new URL(name, folder), 'utf8');
      const { resourceType, id } = JSON.parse(text) as Resource;
      const { status, body } = await server
        .put(`/${resourceType}/${id}`)
        .set('Content-Type', 'application/fhir+json')
        .send(text);
      if (status === 201) return;
      expect([400, 422]).toContain(status);
      const errors = body.issue.filter((issue: { severity: string }) => issue.severity === 'error');
      for (const error of errors) expect(JSON.stringify(error)).toContain(rule);
    });
  });
});

/** Searches a resource by all that it is found by, many criteria at once; where that fails, tells the one that does. */
async function findsItself({ running, post }: TestServer, resource: Resource): Promise<void> {
  const { parameters, base } = running.server;
  const { resourceType: type, id } = resource;
  const { own, contained } = ownSearches(parameters, type, extractEntries(parameters, resource, base));
  const failed: Criterion[] = [];

  async function isFound(on: string, criteria: readonly Criterion[], more: readonly Criterion[]) {
    const form = new URLSearchParams([...criteria, ...more] as [string, string][]);
    const { body } = await post(`/${on}/_search`)
      .set('Content-Type', 'application/x-www-form-urlencoded')
      .send(form.toString());
    const entries: { resource: Resource }[] = body.entry ?? [];
    return entries.some((entry) => entry.resource.id === id && entry.resource.resourceType === type);
  }
  async function search(
    on: string,
    criteria: readonly Criterion[],
    more: readonly Criterion[],
  ): Promise<void> {
    if (criteria.length === 0 || (await isFound(on, criteria, more))) return;
    if (criteria.length === 1) {
      failed.push(criteria[0]!);
      return;
    }
    const middle = criteria.length >> 1;
    await search(on, criteria.slice(0, middle), more);
    await search(on, criteria.slice(middle), more);
  }
  for (let at = 0; at < own.length; at += together)
    await search(type, own.slice(at, at + together), [['_count', '1000']]);
  for (const [inner, criteria] of contained)
    for (let at = 0; at < criteria.length; at += together)
      await search(inner, criteria.slice(at, at + together), [
        ['_contained', 'true'],
        ['_count', '1000'],
      ]);
  expect(failed).toEqual([]);
}
