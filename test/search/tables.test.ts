import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { found, refusalOf, searchServer } from '../environment/search.ts';
import { onEachEngine } from '../environment/server.ts';
import { ids as idsOf, put, remove } from './store-all.ts';
import { at, type Table, urlOf } from './table.ts';
import { catalogue } from './tables/catalogue.ts';

/** Runs the same examples of searches wherever searches are answered. */
function examples(subject: string, run: (table: Table) => void): void {
  describe(subject, () => {
    for (const table of catalogue[subject]!) describe(table.clause, () => run(table));
  });
}

const subjects = Object.keys(catalogue);

describe('by the matcher in memory', () => {
  const { base } = searchServer;
  const sorted = (ids: string) => ids.split(' ').filter(Boolean).sort();

  for (const subject of subjects)
    examples(subject, ({ given, finds = [], refuses = [] }) => {
      if (finds.length > 0)
        test.each(finds)('%s finds %s', (search, ids) => {
          expect(found(at(base, search), at(base, given)).sort()).toEqual(sorted(ids));
        });
      if (refuses.length > 0)
        test.each(refuses)('%s is refused', (search, named) => {
          expect(refusalOf(at(base, search))).toMatch(new RegExp(`^400 .*${named}`));
        });
    });
});

onEachEngine((server) => {
  for (const subject of subjects)
    examples(subject, ({ given, finds = [], refuses = [] }) => {
      beforeAll(() => put(server, given));
      afterAll(() => remove(server, given));

      if (finds.length > 0)
        test.each(finds)('%s finds %s', async (search, ids) => {
          const { body, status } = await server.get(urlOf(at(server.base, search)));
          expect(status === 200 ? idsOf(body).sort() : body).toEqual(ids.split(' ').filter(Boolean).sort());
        });
      if (refuses.length > 0)
        test.each(refuses)('%s is refused', async (search, named) => {
          const { body, status } = await server.get(urlOf(at(server.base, search)));
          expect(status).toBe(400);
          expect(body.issue[0].details.text).toContain(named);
        });
    });
});
