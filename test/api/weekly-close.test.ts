import { beforeAll, expect, test } from '@jest/globals';
import type { Element, Resource } from '../../src/fhir/resource.ts';
import { sealIn } from '../../src/referral/registers/weekly/document.ts';
import { onEachEngine, type TestServer } from '../environment/server.ts';
import { errorsOf, example, newReferral, referring, replaced, the } from './referrals.ts';

const at = (time: string) => Date.parse(`${time}:00+08:00`);
let week = 0;
/** The clock of the server moves on by four weeks with each engine, since it never goes back. */
const later = (time: string) => new Date(at(time) + week * 28 * 86_400_000).toISOString();
let now = at('2026-11-19T11:00');
const moveTo = (time: string) => {
  now = Date.parse(later(time));
};

const system = 'https://w3id.org/zhuanzhen/sid/weekly-ledger';

interface Document extends Resource {
  entry: { resource: Resource }[];
}

/** The closed weeks of an institution, oldest first. */
async function closedOf(server: TestServer, organization: string): Promise<Document[]> {
  const { body } = await server.get('/Bundle?_count=200&_sort=_lastUpdated').expect(200);
  const all = (body.entry ?? []).map(({ resource }: { resource: Document }) => resource) as Document[];
  return all.filter(({ identifier }) => {
    const { system: of, value } = identifier as { system: string; value: string };
    return of === system && value.endsWith(`/${organization}`);
  });
}

/** Of a section the Tasks that it names. */
function tasksOf(document: Document, section: number): string[] {
  const { entry = [] } = (document.entry[0]!.resource.section as { entry?: { reference: string }[] }[])[
    section
  ]!;
  return entry.map(({ reference }) => reference.split('/').at(-1)!);
}

onEachEngine(
  (server) => {
    const { accepted } = referring(server);
    const writtenOn = async (day: string): Promise<string> => {
      const bundle = newReferral();
      const [written] = String(the(bundle, 'ServiceRequest').authoredOn).split('T');
      const sent = replaced(bundle, {
        [written!]: later(`${day}T12:00`).slice(0, 10),
        '2026-11-23T17:30': '2099-12-31T17:30',
      });
      return (await accepted(sent)).Task!;
    };
    const round = () => server.running.jobs.round();

    beforeAll(async () => {
      moveTo('2026-11-19T11:00');
      await server.post('/', example('community')).expect(200);
    });

    test('on Friday at 18:00 the week of each institution is closed, once, and sealed', async () => {
      const task = await writtenOn('2026-11-19');
      moveTo('2026-11-20T17:59');
      await round();
      expect(await closedOf(server, 'yongan-county-hospital')).toEqual([]);

      moveTo('2026-11-20T18:00');
      await Promise.all([round(), round()]);
      await round();
      for (const organization of ['yongan-county-hospital', 'qingshi-health-centre']) {
        const [closed, ...others] = await closedOf(server, organization);
        expect(others).toEqual([]);
        expect([closed!.type, tasksOf(closed!, 0), tasksOf(closed!, 1)]).toEqual(['document', [task], []]);
        expect(sealIn(closed!)).toMatchObject({ isIntact: true });
      }
      expect(await closedOf(server, 'hekou-health-centre')).toEqual([]);
    });

    test('what comes after the close stands in the next week as late, and that one is sealed upon the one before', async () => {
      const late = await writtenOn('2026-11-19');
      moveTo('2026-11-24T12:00');
      const own = await writtenOn('2026-11-24');
      moveTo('2026-11-27T18:00');
      await round();
      const [before, after] = await closedOf(server, 'yongan-county-hospital');
      expect([tasksOf(after!, 0), tasksOf(after!, 1)]).toEqual([[own], [late]]);
      expect(JSON.stringify(after!.entry[0]!.resource.extension)).toContain(sealIn(before!)!.hash);
    });

    test('a week that ended while no server was running is closed at the next start', async () => {
      moveTo('2026-12-01T12:00');
      await writtenOn('2026-12-01');
      moveTo('2026-12-14T08:00');
      await round();
      expect(await closedOf(server, 'qingshi-health-centre')).toHaveLength(3);
    });

    test('nobody changes or deletes a closed week, or makes one', async () => {
      const [closed] = await closedOf(server, 'yongan-county-hospital');
      const { body: changed } = await server
        .put(`/Bundle/${closed!.id}`, { ...closed, language: 'en' })
        .expect(409);
      expect(errorsOf(changed)).toEqual(['business-rule']);
      await server.delete(`/Bundle/${closed!.id}`).expect(409);
      const { id: _, ...copy } = closed!;
      await server
        .post('/Bundle', { ...copy, identifier: { system, value: '2026-W01/made-up' } })
        .expect(403);
    });

    test('a document that was changed does not fit its seal', async () => {
      const [closed] = await closedOf(server, 'yongan-county-hospital');
      const forged = JSON.parse(JSON.stringify(closed).replaceAll('高血压', '感冒')) as Document;
      expect(sealIn(forged)).toMatchObject({ isIntact: false });
    });

    test('a closed week is a valid document', async () => {
      const [closed] = await closedOf(server, 'yongan-county-hospital');
      const { body } = await server.post('/Bundle/$validate', closed).expect(200);
      expect(errorsOf(body as Element)).toEqual([]);
      week++;
    });
  },
  { JOB_INTERVAL: '3600000' },
  () => now,
);
