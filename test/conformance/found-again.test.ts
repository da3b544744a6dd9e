import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import type { Resource } from '../../src/fhir/resource.ts';
import { matches } from '../../src/fhir/search/matcher.ts';
import { parseSearch } from '../../src/fhir/search/parse.ts';
import { ownSearches } from '../environment/own-searches.ts';
import { searchable, searchServer } from '../environment/search.ts';

const folder = new URL('../../../shared/conformance/r4-examples/', import.meta.url);

if (!existsSync(folder)) {
  test.skip('the R4 examples are not there: ../shared/conformance/r4-examples', () => {});
} else {
  test('every R4 example is found by each of its own values', () => {
    const missed: string[] = [];
    let asked = 0;
    for (const file of readdirSync(folder)) {
      const resource = JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as Resource;
      const row = searchable(resource);
      for (const query of ownSearches(row.entries, searchServer.parameters.of(resource.resourceType))) {
        asked++;
        const { filter } = parseSearch(searchServer, resource.resourceType, query);
        if (!matches(filter, row)) missed.push(`${file} ${JSON.stringify(query)}`);
      }
    }
    expect(missed).toEqual([]);
    expect(asked).toBeGreaterThan(10_000);
  });
}
