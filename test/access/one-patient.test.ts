import { beforeAll, describe, expect, test } from '@jest/globals';
import { parseScopes } from '../../src/access/identity/scopes.ts';
import type { Actor } from '../../src/interactions/actor.ts';
import { example, newReferral, numberOf, the } from '../api/referrals.ts';
import { onEachEngine } from '../environment/server.ts';
import { askingOn, at, system } from './asking.ts';

const confidentiality = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality';
const township = at('qingshi-health-centre');
const hospital = at('yongan-county-hospital');

/** The types of which each of two referrals brings one. */
const types = ['Patient', 'ServiceRequest', 'Task', 'Condition', 'Observation', 'MedicationRequest'];

onEachEngine(
  (server) => {
    const ask = askingOn(server);
    /** What the township has sent of the patient that is meant, and of another one. */
    const own: Record<string, string> = {};
    const other: Record<string, string> = {};
    let ownNumber: string;
    let otherNumber: string;
    /** A doctor’s app, launched for the one patient. */
    let app: Actor;
    let themselves: Actor;

    async function refer(ids: Record<string, string>): Promise<string> {
      const bundle = newReferral();
      const sent = await ask(township, 'POST', '/', bundle);
      expect([sent.status, sent.text]).toEqual([200, expect.anything()]);
      for (const path of sent.shown) ids[path.split('/')[0]!] ??= path;
      return numberOf(the(bundle, 'Patient'));
    }

    beforeAll(async () => {
      expect((await ask(system, 'POST', '/', example('community'))).status).toBe(200);
      ownNumber = await refer(own);
      otherNumber = await refer(other);
      app = { ...township, scopes: parseScopes('patient/*.cruds'), patient: own.Patient! };
      themselves = {
        roles: [],
        person: own.Patient!,
        patient: own.Patient!,
        scopes: parseScopes('patient/*.rs'),
      };
    });

    const idOf = (path: string) => path.slice(path.indexOf('/') + 1);
    const systemOf = 'urn:oid:2.16.156.10011.1.3';
    /** Each way of asking for what is of a patient; undefined where there is none for the type. */
    const ways: Record<
      string,
      (type: string, of: Record<string, string>, number: string) => string | undefined
    > = {
      read: (type, of) => `/${of[type]}`,
      vread: (type, of) => `/${of[type]}/_history/1`,
      'history of one': (type, of) => `/${of[type]}/_history`,
      'history of the type': (type) => `/${type}/_history?_count=1000`,
      'history of all': () => '/_history?_count=1000',
      'search by id': (type, of) => `/${type}?_id=${idOf(of[type]!)}`,
      'search of all': (type) => `/${type}?_count=500`,
      'sorted search': (type) => `/${type}?_sort=-_lastUpdated&_count=500`,
      'negated search': (type) => `/${type}?_id:not=nobody&_count=500`,
      'search of the system': (type) => `/?_type=${type}&_count=500`,
      'filter expression': (type, of) =>
        `/${type}?_filter=${encodeURIComponent(`_id eq ${idOf(of[type]!)}`)}`,
      chain: (type, _, number) =>
        type === 'Patient' ? undefined : `/${type}?patient.identifier=${systemOf}|${number}&_count=500`,
      compartment: (type, of) => (type === 'Task' ? undefined : `/${of.Patient}/${type}`),
      everything: (type, of) => (type === 'Task' ? undefined : `/${of.Patient}/$everything`),
      include: (_, of) => `/Task?_id=${idOf(of.Task!)}&_include=*&_include:iterate=*`,
      revinclude: (type, of) =>
        type === 'Patient' ? undefined : `/Patient?_id=${idOf(of.Patient!)}&_revinclude=*`,
      'referral history': (type, _, number) =>
        ['Patient', 'ServiceRequest', 'Task'].includes(type)
          ? `/Patient/$referral-history?identifier=${systemOf}|${number}`
          : undefined,
    };

    describe.each(['a doctor’s app for one patient', 'the patient'])('%s', (who) => {
      const asker = () => (who === 'the patient' ? themselves : app);

      test.each(Object.keys(ways))(
        'sees by %s what is of this patient, and nothing of another',
        async (way) => {
          for (const type of types) {
            const [due, hidden] = [ways[way]!(type, own, ownNumber), ways[way]!(type, other, otherNumber)];
            if (due === undefined || hidden === undefined) continue;
            expect([due, (await ask(asker(), 'GET', due)).shown]).toEqual([
              due,
              expect.arrayContaining([own[type]]),
            ]);
            const refused = await ask(asker(), 'GET', hidden);
            expect(refused.shown.filter((path) => Object.values(other).includes(path))).toEqual([]);
            // What the address says is all that the answer may tell.
            for (const path of Object.values(other))
              if (!hidden.includes(idOf(path)) && !hidden.includes(otherNumber))
                expect(refused.text).not.toContain(idOf(path));
          }
        },
      );

      test('counts what is of this patient alone', async () => {
        for (const type of types) {
          const { body } = await ask(asker(), 'GET', `/${type}?_id=${idOf(other[type]!)}&_summary=count`);
          expect([type, body.total]).toEqual([type, 0]);
        }
      });

      test('sees by a condition on another type no more', async () => {
        const has = (number: string) =>
          `/Organization?_has:Task:owner:patient.identifier=${systemOf}|${number}`;
        expect((await ask(asker(), 'GET', has(ownNumber))).shown).not.toEqual([]);
        expect((await ask(asker(), 'GET', has(otherNumber))).shown).toEqual([]);
      });

      test('reads in a batch and in a transaction no more', async () => {
        for (const type of ['batch', 'transaction']) {
          const bundle = (url: string) => ({
            resourceType: 'Bundle',
            type,
            entry: [{ request: { method: 'GET', url } }],
          });
          expect((await ask(asker(), 'POST', '/', bundle(own.Condition!))).shown).toEqual([own.Condition]);
          expect((await ask(asker(), 'POST', '/', bundle(other.Condition!))).shown).toEqual([]);
        }
      });

      test('finds who and where institutions are', async () => {
        expect((await ask(asker(), 'GET', `/${hospital.organization}`)).status).toBe(200);
      });

      test('is not told, by a condition of a write, of another patient', async () => {
        const { text } = await ask(
          asker(),
          'POST',
          '/Patient',
          { resourceType: 'Patient', identifier: [{ system: systemOf, value: otherNumber }] },
          { ifNoneExist: `identifier=${systemOf}|${otherNumber}` },
        );
        expect(text).not.toContain(idOf(other.Patient!));
      });
    });

    describe('a doctor’s app for one patient', () => {
      const observation = (patient: string) => ({
        resourceType: 'Observation',
        status: 'final',
        code: { text: '体重' },
        subject: { reference: patient },
      });

      test('writes what is of this patient, moves nothing there or away, and makes no other patient', async () => {
        const made = await ask(app, 'POST', '/Observation', observation(own.Patient!));
        expect(made.status).toBe(201);
        const moved = { ...made.body, subject: { reference: other.Patient } };
        expect((await ask(app, 'PUT', `/${made.shown[0]}`, moved)).status).toBeGreaterThanOrEqual(400);
        const foreign = await ask(township, 'POST', '/Observation', observation(other.Patient!));
        const taken = { ...foreign.body, subject: { reference: own.Patient } };
        expect((await ask(app, 'PUT', `/${foreign.shown[0]}`, taken)).status).toBe(404);
        expect((await ask(app, 'POST', '/Observation', observation(other.Patient!))).status).not.toBe(201);
        expect((await ask(app, 'POST', '/Patient', { resourceType: 'Patient' })).status).toBe(403);
      });

      test('sees no more of the patient than the doctor may', async () => {
        const stranger: Actor = { ...at('elsewhere'), scopes: app.scopes!, patient: own.Patient! };
        expect((await ask(stranger, 'GET', `/${own.Patient}`)).status).toBe(404);
        expect((await ask(stranger, 'GET', '/Observation?_count=100')).shown).toEqual([]);
      });

      test('without a patient sees nobody’s data', async () => {
        const { patient: _, ...nobodys } = app;
        expect((await ask(nobodys, 'GET', `/${own.Patient}`)).status).toBe(404);
        expect((await ask(nobodys, 'GET', '/Task?_count=100')).shown).toEqual([]);
      });

      test('with a scope of the doctor’s as well sees, of that type, what the doctor does', async () => {
        const wider = { ...app, scopes: parseScopes('patient/*.rs user/Condition.rs') };
        expect((await ask(wider, 'GET', `/${other.Condition}`)).status).toBe(200);
        expect((await ask(wider, 'GET', `/${other.Observation}`)).status).toBe(404);
      });

      test('subscribes to nothing by such a scope', async () => {
        const { status } = await ask(app, 'POST', '/Subscription', {
          resourceType: 'Subscription',
          status: 'requested',
          reason: '本患者的转诊进展',
          criteria: 'Task',
          channel: { type: 'rest-hook', endpoint: 'https://subscriber.example/told' },
        });
        expect(status).toBe(403);
      });
    });

    describe('the patient', () => {
      test('sees what any institution wrote, and what is sensitive with a scope that says so', async () => {
        const write = async (meta: object) => {
          const { status, shown } = await ask(hospital, 'POST', '/Observation', {
            resourceType: 'Observation',
            status: 'final',
            ...meta,
            code: { text: '检验' },
            subject: { reference: own.Patient },
          });
          expect(status).toBe(201);
          return shown[0]!;
        };
        const plain = await write({});
        const restricted = await write({ meta: { security: [{ system: confidentiality, code: 'R' }] } });
        expect((await ask(themselves, 'GET', `/${plain}`)).status).toBe(200);
        expect((await ask(themselves, 'GET', `/${restricted}`)).status).toBe(404);
        const asked = `patient/*.rs patient/Observation.rs?_security=${confidentiality}|R`;
        const explicit = { ...themselves, scopes: parseScopes(asked) };
        expect((await ask(explicit, 'GET', `/${restricted}`)).status).toBe(200);
      });

      test('is bound to the own record by every scope', async () => {
        const wide = { ...themselves, scopes: parseScopes('user/*.cruds') };
        expect((await ask(wide, 'GET', `/${own.Condition}`)).status).toBe(200);
        expect((await ask(wide, 'GET', `/${other.Condition}`)).status).toBe(404);
        expect((await ask(wide, 'GET', '/Device?_count=10')).shown).toEqual([]);
      });

      test('changes nothing', async () => {
        const wide = { ...themselves, scopes: parseScopes('patient/*.cruds') };
        const { body } = await ask(wide, 'GET', `/${own.Condition}`);
        expect((await ask(wide, 'PUT', `/${own.Condition}`, body)).status).toBe(403);
        expect((await ask(wide, 'DELETE', `/${own.Condition}`)).status).toBe(403);
        expect((await ask(system, 'GET', `/${own.Condition}`)).body).toEqual(body);
      });
    });
  },
  { AUTH: 'on' },
);
