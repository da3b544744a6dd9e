import { beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { onEachEngine } from '../environment/server.ts';
import { askingOn, system } from './asking.ts';
import { type Act, createOracle, organizations, type Reader, writers } from './oracle.ts';

/** So many sequences of writes are tried on each engine, each with patients of its own. */
const runs = 12;

const organization = fc.nat({ max: writers - 1 });
const patient = fc.nat({ max: 1 });
const purpose = fc.constantFrom(undefined, undefined, 'HRESCH');
const period = fc.constantFrom('always', 'always', 'over', 'to come');
const acts: fc.Arbitrary<Act> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('note'), by: organization, patient }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('order'),
      by: organization,
      patient,
      about: fc.array(fc.nat(), { maxLength: 2 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('task'), by: organization, to: organization, of: fc.nat() }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('hand on'), task: fc.nat(), to: organization }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('consent'),
      by: organization,
      patient,
      type: fc.constantFrom('deny', 'permit'),
      to: fc.option(fc.nat({ max: organizations.length - 1 }), { nil: undefined }),
      purpose,
      period,
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('end consent'), consent: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('label'), note: fc.nat() }) },
) as fc.Arbitrary<Act>;

/**
 * Whatever institutions write about patients, order, hand on and record as consents: every way of asking shows each reader
 * what the oracle says that is due, and nothing else. The oracle knows nothing of labels: it is the rules in words.
 */
onEachEngine(
  (server) => {
    const ask = askingOn(server);

    beforeAll(async () => {
      for (const { id } of organizations)
        await ask(system, 'PUT', `/Organization/${id}`, { resourceType: 'Organization', id, name: id });
      for (const { id, alliance } of organizations)
        if (alliance && alliance !== id)
          await ask(system, 'POST', '/OrganizationAffiliation', {
            resourceType: 'OrganizationAffiliation',
            active: true,
            organization: { reference: `Organization/${alliance}` },
            participatingOrganization: { reference: `Organization/${id}` },
          });
      await server.running.relabelling.round();
    });

    test('every way of asking shows what is due, and nothing else', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(organization, { minLength: 2, maxLength: 2 }),
          fc.array(acts, { minLength: 4, maxLength: 16 }),
          async (registrars, sequence) => {
            const oracle = createOracle();
            const perform = async (act: Act) => {
              const planned = oracle.plan(act);
              if (!planned) return;
              const { by, method, path, resource } = planned;
              const answer = await ask(by, method, `/${path}`, resource);
              expect([act, answer.status, answer.text]).toEqual([
                act,
                method === 'POST' ? 201 : 200,
                expect.anything(),
              ]);
              oracle.done(act, answer.shown[0]!);
            };
            for (const [n, by] of registrars.entries()) await perform({ kind: 'register', by, patient: n });
            for (const act of sequence) await perform(act);
            for (const reader of oracle.readers) await compare(oracle, reader);
          },
        ),
        { numRuns: runs },
      );
    }, 120_000);

    async function compare(oracle: ReturnType<typeof createOracle>, reader: Reader): Promise<void> {
      const { actor } = reader;
      const { all, subjectOf } = oracle;
      const due = oracle.due(reader);
      const sorted = (paths: Iterable<string>) =>
        [...new Set(paths)].filter((path) => all.includes(path)).sort();
      const expected = sorted(due);
      const told = (way: string, paths: Iterable<string>, of = expected) =>
        expect([reader.name, way, sorted(paths)]).toEqual([reader.name, way, of]);
      const ofType = (type: string) => all.filter((path) => path.startsWith(`${type}/`));
      const patients = ofType('Patient').map((path) => path.split('/')[1]);

      const read: string[] = [];
      const past: string[] = [];
      for (const path of all) {
        if ((await ask(actor, 'GET', `/${path}`)).status === 200) read.push(path);
        const history = await ask(actor, 'GET', `/${path}/_history`);
        if (history.status === 200) past.push(path);
      }
      told('read', read);
      told('history', past);

      const found: string[] = [];
      const chained: string[] = [];
      for (const type of ['Patient', 'Observation', 'ServiceRequest', 'Task', 'Consent']) {
        const ids = ofType(type).map((path) => path.split('/')[1]);
        if (ids.length === 0) continue;
        const search = await ask(actor, 'GET', `/${type}?_id=${ids.join()}&_count=500&_total=accurate`);
        found.push(...search.shown);
        expect([reader.name, search.body.total]).toEqual([reader.name, search.shown.length]);
        if (type === 'Patient') continue;
        const chain = await ask(
          actor,
          'GET',
          `/${type}?_id=${ids.join()}&patient:Patient._id=${patients.join()}`,
        );
        chained.push(...chain.shown);
      }
      told('search', found);
      // Through a patient whom the reader may not see no chain leads.
      const behind = expected.filter((path) => !path.startsWith('Patient/') && due.has(subjectOf(path)));
      told('chain', chained, behind);

      const included = await ask(
        actor,
        'GET',
        `/Task?_id=${
          ofType('Task')
            .map((path) => path.split('/')[1])
            .join() || 'none'
        }&_include=Task:focus&_include:iterate=ServiceRequest:supporting-info&_count=500`,
      );
      for (const path of included.shown) expect(due.has(path) || !all.includes(path)).toBe(true);
      const reverse = await ask(
        actor,
        'GET',
        `/Patient?_id=${patients.join()}&_revinclude=Observation:patient&_revinclude=ServiceRequest:patient&_revinclude=Task:patient&_revinclude=Consent:patient&_count=500`,
      );
      told(
        'revinclude',
        reverse.shown,
        sorted([...behind, ...expected.filter((path) => path.startsWith('Patient/'))]),
      );
      const has = await ask(
        actor,
        'GET',
        `/Patient?_id=${patients.join()}&_has:Observation:patient:status=final`,
      );
      const noted = ofType('Observation')
        .filter((path) => due.has(path))
        .map(subjectOf);
      told(
        '_has',
        has.shown,
        expected.filter((path) => noted.includes(path)),
      );
    }
  },
  { AUTH: 'on', AUDIT: 'off' },
);
