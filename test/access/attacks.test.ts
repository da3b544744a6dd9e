import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { chooseActor } from '../../src/access/identity/acting.ts';
import { parseScope } from '../../src/access/identity/scopes.ts';
import type { Resource } from '../../src/fhir/resource.ts';
import type { Actor } from '../../src/interactions/actor.ts';
import { example, newReferral, numberOf, type ReferralBundle, the } from '../api/referrals.ts';
import { onEachEngine } from '../environment/server.ts';
import { type Answered, askingOn, at, system } from './asking.ts';

const township = at('qingshi-health-centre');
const hospital = at('yongan-county-hospital');
const stranger = at('hekou-health-centre', { roles: ['referrer', 'receiver', 'family-doctor'] });
const residents = 'urn:oid:2.16.156.10011.1.3';
const restricted = { system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' };

/** Whoever knows the ids of others' resources, and tries to make something of it. */
onEachEngine(
  (server) => {
    const ask = askingOn(server);
    const sees = async (who: Actor, path: string) => (await ask(who, 'GET', `/${path}`)).status === 200;

    let bundle: ReferralBundle;
    let made: Record<string, string>;
    const pathOf = (type: string) => made[type]!;
    const referenceTo = (type: string) => ({ reference: made[type]! });

    beforeAll(async () => {
      expect((await ask(system, 'POST', '/', example('community'))).status).toBe(200);
    });
    beforeEach(async () => {
      bundle = newReferral();
      const sent = await ask(township, 'POST', '/', bundle);
      expect([sent.status, sent.text]).toEqual([200, expect.anything()]);
      made = Object.fromEntries(sent.shown.map((path) => [path.split('/')[0]!, path]));
    });

    /** A Task of one's own about something. */
    const task = (who: Actor, more: object): Resource => ({
      resourceType: 'Task',
      status: 'requested',
      intent: 'order',
      code: { text: '会诊' },
      requester: { reference: who.organization },
      owner: { reference: who.organization },
      ...more,
    });
    const order = (more: object): Resource => ({
      resourceType: 'ServiceRequest',
      status: 'active',
      intent: 'order',
      code: { text: '会诊' },
      subject: { display: '某' },
      ...more,
    });
    const breakingTheGlass = async (who: Actor) => {
      const identifier = `${residents}|${numberOf(the(bundle, 'Patient'))}`;
      const broken = await ask(who, 'POST', '/Patient/$break-the-glass', {
        resourceType: 'Parameters',
        parameter: [
          { name: 'identifier', valueString: identifier },
          { name: 'reason', valueString: '昏迷' },
        ],
      });
      expect(broken.status).toBe(200);
    };

    describe('leave to read is not had by', () => {
      test('a Task on what one may not read', async () => {
        const focus = { focus: referenceTo('ServiceRequest'), basedOn: [referenceTo('ServiceRequest')] };
        await ask(stranger, 'POST', '/Task', task(stranger, focus));
        expect(await sees(stranger, pathOf('ServiceRequest'))).toBe(false);
      });

      test('an own order that names it, and a Task on that order', async () => {
        const order1 = order({ supportingInfo: [referenceTo('Observation'), referenceTo('Condition')] });
        const ordered = await ask(stranger, 'POST', '/ServiceRequest', order1);
        const based = { basedOn: [{ reference: ordered.shown[0] }], focus: { reference: ordered.shown[0] } };
        expect((await ask(stranger, 'POST', '/Task', task(stranger, based))).status).toBe(201);
        expect([
          await sees(stranger, pathOf('Observation')),
          await sees(stranger, pathOf('Condition')),
        ]).toEqual([false, false]);
      });

      test('a Task that has it among its inputs, and another one that continues it', async () => {
        const first = await ask(
          stranger,
          'POST',
          '/Task',
          task(stranger, { input: [{ type: { text: '资料' }, valueReference: referenceTo('Condition') }] }),
        );
        await ask(stranger, 'POST', '/Task', task(stranger, { partOf: [{ reference: first.shown[0] }] }));
        expect(await sees(stranger, pathOf('Condition'))).toBe(false);
      });

      test('a team of family doctors that signs who is not known to it', async () => {
        const team = {
          resourceType: 'CareTeam',
          status: 'active',
          category: [{ coding: [{ code: 'family-doctor' }] }],
          subject: referenceTo('Patient'),
          managingOrganization: [{ reference: stranger.organization }],
        };
        await ask(stranger, 'POST', '/CareTeam', team);
        expect(await sees(stranger, pathOf('Patient'))).toBe(false);
        // Who has the referral, but no family doctors.
        expect((await ask(hospital, 'POST', '/CareTeam', team)).status).toBe(403);
      });

      test('breaking the glass, beyond its hours', async () => {
        await breakingTheGlass(stranger);
        expect(await sees(stranger, pathOf('Condition'))).toBe(true);
        const input = [{ type: { text: '资料' }, valueReference: referenceTo('Condition') }];
        expect((await ask(stranger, 'POST', '/Task', task(stranger, { input }))).status).toBe(201);
        const ended = await ask(
          system,
          'GET',
          `/Consent?patient=${pathOf('Patient')}&actor=${stranger.organization}`,
        );
        const [emergency] = (ended.body.entry as { resource: Resource }[]).map(({ resource }) => resource);
        await ask(system, 'PUT', `/Consent/${emergency!.id}`, { ...emergency, status: 'inactive' });
        expect(await sees(stranger, pathOf('Condition'))).toBe(false);
      });

      test.each<[string, object]>([
        [
          'rewriting the Patient with oneself as the family doctor',
          { generalPractitioner: [{ reference: stranger.organization }] },
        ],
        ['taking the Patient over', { managingOrganization: { reference: stranger.organization } }],
      ])('%s', async (_, changes) => {
        const patient = (await ask(system, 'GET', `/${pathOf('Patient')}`)).body;
        const [id] = [patient.id];
        for (const who of [stranger, hospital]) {
          const url = `/Patient/${id}`;
          expect([403, 404]).toContain((await ask(who, 'PUT', url, { ...patient, ...changes })).status);
          const search = `/Patient?identifier=${residents}|${numberOf(patient)}`;
          const { id: _id, meta: _meta, ...anew } = { ...patient, ...changes };
          const conditional = await ask(who, 'PUT', search, anew);
          // Who does not see the patient makes another one of their own.
          if (who === stranger) expect(conditional.shown).not.toContain(pathOf('Patient'));
          else expect(conditional.status).toBe(403);
          if (conditional.status === 201) await ask(system, 'DELETE', `/${conditional.shown[0]}`);
        }
        expect(await sees(stranger, pathOf('Patient'))).toBe(false);
      });

      test('an order, without a referral, for a patient whose number one knows', async () => {
        const { generalPractitioner: _, ...patient } = the(bundle, 'Patient');
        const number = `identifier=${residents}|${numberOf(the(bundle, 'Patient'))}`;
        const sent = await ask(stranger, 'POST', '/', {
          resourceType: 'Bundle',
          type: 'transaction',
          entry: [
            {
              fullUrl: 'urn:uuid:11111111-1111-4111-8111-111111111111',
              resource: patient,
              request: { method: 'POST', url: 'Patient', ifNoneExist: number },
            },
            {
              resource: order({ subject: { reference: 'urn:uuid:11111111-1111-4111-8111-111111111111' } }),
              request: { method: 'POST', url: 'ServiceRequest' },
            },
          ],
        });
        expect(sent.shown).not.toContain(pathOf('Patient'));
        expect(await sees(stranger, pathOf('Patient'))).toBe(false);
      });

      test('leaving off the role that treats nobody', async () => {
        const administrator = at('qingshi-health-centre', { roles: ['administrator'] });
        expect(await sees(administrator, pathOf('Patient'))).toBe(false);
        for (const roles of ['', ' , '])
          expect(() => chooseActor([administrator], { 'x-acting-roles': roles })).toThrow(
            expect.objectContaining({ status: 403 }),
          );
      });
    });

    describe('labels of security', () => {
      const meta = {
        resourceType: 'Parameters',
        parameter: [{ name: 'meta', valueMeta: { security: [restricted] } }],
      };

      test.each(['$meta-add', '$meta-delete'])('are not for readers to change, by %s', async (operation) => {
        const refused = await ask(hospital, 'POST', `/${pathOf('Condition')}/${operation}`, meta);
        expect(refused.status).toBe(403);
        expect((await ask(stranger, 'POST', `/${pathOf('Condition')}/${operation}`, meta)).status).toBe(404);
        expect(await sees(hospital, pathOf('Condition'))).toBe(true);
        expect((await ask(township, 'POST', `/${pathOf('Condition')}/$meta-add`, meta)).status).toBe(200);
        expect(await sees(hospital, pathOf('Condition'))).toBe(false);
      });

      test('do not hide a Task from who has made it', async () => {
        const mine = await ask(township, 'POST', '/Task', {
          ...task(township, {}),
          owner: { reference: hospital.organization },
        });
        const hidden = { ...mine.body, meta: { security: [restricted] } };
        expect((await ask(hospital, 'PUT', `/${mine.shown[0]}`, hidden)).status).toBe(403);
        expect((await ask(hospital, 'POST', `/${mine.shown[0]}/$meta-add`, meta)).status).toBe(403);
        expect(await sees(township, mine.shown[0]!)).toBe(true);
      });
    });

    describe('nothing is told of what is hidden by', () => {
      const told = (answer: Answered) =>
        Object.values(made).filter((path) => answer.text.includes(path.split('/')[1]!));

      test('a number that is taken', async () => {
        const again = newReferral();
        const number = (the(bundle, 'ServiceRequest').identifier as object[])[0];
        Object.assign(the(again, 'ServiceRequest'), {
          identifier: [number],
          requester: { reference: 'PractitionerRole/ma-junjie-hekou' },
        });
        for (const entry of again.entry) delete (entry.request as { ifNoneExist?: string }).ifNoneExist;
        const text = JSON.stringify(again).replaceAll('qingshi-health-centre', 'hekou-health-centre');
        const refused = await ask(stranger, 'POST', '/', JSON.parse(text));
        expect(refused.status).toBeGreaterThanOrEqual(400);
        expect(refused.text).toContain('Another referral has this number');
        expect(told(refused)).toEqual([]);
      });

      test('a check of a referral that states others’ findings as its own', async () => {
        const referral = {
          ...the(bundle, 'ServiceRequest'),
          requester: { reference: 'PractitionerRole/ma-junjie-hekou' },
          subject: referenceTo('Patient'),
          encounter: referenceTo('Encounter'),
          reasonReference: [referenceTo('Condition')],
          supportingInfo: [referenceTo('Observation')],
        };
        const own = await ask(township, 'POST', '/ServiceRequest/$check-indications', referral);
        const others = await ask(stranger, 'POST', '/ServiceRequest/$check-indications', referral);
        // The blood pressure of the example.
        expect([own.status, own.text]).toEqual([200, expect.stringMatching(/162\/98.*C08CA01/)]);
        expect([others.status, others.text]).toEqual([200, expect.not.stringMatching(/162\/98|C08CA01/)]);
      });

      test('a deletion of what hidden resources refer to', async () => {
        const own = await ask(stranger, 'POST', '/Observation', {
          resourceType: 'Observation',
          status: 'final',
          code: { text: '体重' },
        });
        const hidden = await ask(township, 'POST', '/Observation', {
          resourceType: 'Observation',
          status: 'final',
          code: { text: '体重' },
          derivedFrom: [{ reference: own.shown[0] }],
        });
        const refused = await ask(stranger, 'DELETE', `/${own.shown[0]}`);
        expect(refused.text).not.toContain(hidden.shown[0]);
      });

      test.each<[string, (path: string) => string]>([
        [
          'a search back through one’s own resource',
          (path) => `/Observation?subject:Patient.identifier=${path}`,
        ],
        [
          'a reverse search',
          () => '/Organization?_has:Task:owner:status=requested&_id=yongan-county-hospital',
        ],
      ])('%s', async (_, url) => {
        const own = await ask(stranger, 'POST', '/Observation', {
          resourceType: 'Observation',
          status: 'final',
          code: { text: '体重' },
          subject: referenceTo('Patient'),
        });
        expect(own.status).toBe(201);
        const found = await ask(stranger, 'GET', url(`${residents}|${numberOf(the(bundle, 'Patient'))}`));
        expect([found.status, found.shown]).toEqual([200, []]);
        const included = await ask(
          stranger,
          'GET',
          `/Observation?_id=${own.body.id}&_include=*&_sort=subject&_total=accurate`,
        );
        expect(included.shown).toEqual([`Observation/${own.body.id}`]);
        const everything = await ask(stranger, 'GET', `/${pathOf('Patient')}/$everything`);
        expect(everything.status).toBe(404);
      });

      test('operations on it', async () => {
        const operations = [
          `/${pathOf('Task')}/$accept`,
          `/${pathOf('Task')}/$document`,
          `/${pathOf('ServiceRequest')}/$check-indications`,
          `/${pathOf('ServiceRequest')}/$reimbursement-hint`,
          `/${pathOf('Encounter')}/$everything`,
          `/${pathOf('Condition')}/$meta`,
        ];
        for (const operation of operations) {
          const { status } = await ask(stranger, 'POST', operation, { resourceType: 'Parameters' });
          expect([operation, status]).toEqual([operation, 404]);
        }
      });

      test('conditional changes', async () => {
        const [, id] = pathOf('Condition').split('/');
        expect((await ask(stranger, 'DELETE', `/Condition?_id=${id}`)).status).toBe(204);
        const patch = { body: [{ op: 'add', path: '/language', value: 'zh' }], patch: 'json' as const };
        expect((await ask(stranger, 'PATCH', `/Condition?_id=${id}`, undefined, patch)).status).toBe(404);
        expect((await ask(stranger, 'PATCH', `/Condition/${id}`, undefined, patch)).status).toBe(404);
        expect(await sees(township, pathOf('Condition'))).toBe(true);
      });

      test('the content of a document', async () => {
        const binary = await ask(township, 'POST', '/Binary', {
          resourceType: 'Binary',
          contentType: 'text/plain',
          data: 'aGVsbG8=',
        });
        const document = {
          resourceType: 'DocumentReference',
          status: 'current',
          subject: referenceTo('Patient'),
          content: [{ attachment: { url: binary.shown[0] } }],
        };
        const kept = await ask(township, 'POST', '/DocumentReference', document);
        expect(await sees(hospital, binary.shown[0]!)).toBe(false);
        // A document of one's own that names it opens nothing; being sent it does.
        await ask(stranger, 'POST', '/DocumentReference', { ...document, subject: undefined });
        expect(await sees(stranger, binary.shown[0]!)).toBe(false);
        const sent = task(township, {
          owner: { reference: hospital.organization },
          input: [{ type: { text: '文书' }, valueReference: { reference: kept.shown[0] } }],
        });
        expect((await ask(township, 'POST', '/Task', sent)).status).toBe(201);
        expect([await sees(hospital, kept.shown[0]!), await sees(hospital, binary.shown[0]!)]).toEqual([
          true,
          true,
        ]);
      });

      test('the page that another one’s link leads to', async () => {
        const first = await ask(township, 'GET', '/Observation?_count=1');
        const next = (first.body.link as { relation: string; url: string }[]).find(
          ({ relation }) => relation === 'next',
        );
        const url = next?.url.slice(server.base.length) ?? '/Observation?_count=1';
        expect((await ask(at('elsewhere'), 'GET', url)).shown).toEqual([]);
      });
    });

    describe('a scope', () => {
      const scoped = (...texts: string[]): Actor => ({
        ...township,
        scopes: texts.map((text) => parseScope(text)!),
      });
      const observation = (status: string) => ({
        resourceType: 'Observation',
        status,
        code: { text: '体重' },
      });

      test('with criteria permits to write what these find alone, before and after', async () => {
        const bounded = scoped('system/Observation.cruds?status=final');
        const created = await ask(bounded, 'POST', '/Observation', observation('final'));
        expect(created.status).toBe(201);
        expect((await ask(bounded, 'POST', '/Observation', observation('preliminary'))).status).toBe(403);
        const moved = await ask(bounded, 'PUT', `/${created.shown[0]}`, {
          ...created.body,
          status: 'preliminary',
        });
        expect(moved.status).toBe(403);
        const other = await ask(township, 'POST', '/Observation', observation('preliminary'));
        const taken = { ...other.body, status: 'final' };
        expect([403, 404]).toContain((await ask(bounded, 'PUT', `/${other.shown[0]}`, taken)).status);
        expect((await ask(bounded, 'DELETE', `/${created.shown[0]}`)).status).toBe(204);
      });

      test.each<[string, string, 'GET' | 'POST' | 'DELETE', string]>([
        ['of reading', 'system/Patient.r', 'GET', '/Patient?name=x'],
        ['of searching', 'system/Patient.s', 'GET', '/Patient/1'],
        ['of another type', 'system/Slot.cruds', 'GET', '/Patient/1'],
        ['of reading and searching', 'system/Patient.rs', 'DELETE', '/Patient/1'],
      ])('%s permits no more', async (_, scope, method, url) => {
        const refused = await ask(scoped(scope), method, url);
        expect(refused.status).toBe(403);
        expect(refused.text).toContain('scope');
      });

      test('for sensitive resources of one type opens those of no other', async () => {
        const labelled = { ...observation('final'), meta: { security: [restricted] } };
        const made = await ask(township, 'POST', '/Observation', labelled);
        const filter = `?_security=${restricted.system}|R`;
        expect(await sees(scoped('system/*.rs', `system/Condition.rs${filter}`), made.shown[0]!)).toBe(false);
        expect(await sees(scoped('system/*.rs', `system/Observation.rs${filter}`), made.shown[0]!)).toBe(
          true,
        );
      });
    });

    describe('a time in another house’s schedule', () => {
      test('is not for its neighbours to offer', async () => {
        const schedule = (service: string) => ({
          resourceType: 'Schedule',
          actor: [{ reference: `HealthcareService/${service}` }],
        });
        expect((await ask(stranger, 'POST', '/Schedule', schedule('yongan-cardiology'))).status).toBe(403);
        const own = await ask(hospital, 'POST', '/Schedule', schedule('yongan-cardiology'));
        expect(own.status).toBe(201);
        const slot = {
          resourceType: 'Slot',
          schedule: { reference: own.shown[0] },
          status: 'free',
          start: '2083-03-01T08:00:00+08:00',
          end: '2083-03-01T08:15:00+08:00',
        };
        expect((await ask(stranger, 'POST', '/Slot', slot)).status).toBe(403);
        expect((await ask(hospital, 'POST', '/Slot', slot)).status).toBe(201);
      });
    });

    test('an appointment tells of a hidden referral what it tells of none', async () => {
      const based = (referral: string) => ({
        resourceType: 'Appointment',
        status: 'booked',
        start: '2083-03-01T08:00:00+08:00',
        end: '2083-03-01T08:15:00+08:00',
        basedOn: [{ reference: referral }],
        participant: [{ actor: { reference: 'HealthcareService/yongan-cardiology' }, status: 'accepted' }],
      });
      const hidden = await ask(stranger, 'POST', '/Appointment', based(pathOf('ServiceRequest')));
      const none = await ask(stranger, 'POST', '/Appointment', based('ServiceRequest/none'));
      expect([hidden.status, none.status]).toEqual([422, 422]);
      expect(hidden.text.replaceAll(pathOf('ServiceRequest'), 'ServiceRequest/none')).toBe(none.text);
    });

    test('a Task is asked for by who writes it, not by another', async () => {
      const forged = task(stranger, { requester: { reference: hospital.organization } });
      expect((await ask(stranger, 'POST', '/Task', forged)).status).toBe(403);
      const own = await ask(stranger, 'POST', '/Task', task(stranger, {}));
      expect(own.status).toBe(201);
      const turned = { ...own.body, requester: { reference: hospital.organization } };
      expect((await ask(stranger, 'PUT', `/${own.shown[0]}`, turned)).status).toBe(403);
    });

    test('an answer that is fetched later is for a token of the same scopes alone', async () => {
      const wide: Actor = { ...township, scopes: [parseScope('system/*.rs')!] };
      const later = { prefer: { respondAsync: true } };
      const { contentLocation } = await ask(wide, 'GET', '/Patient?_count=1', undefined, later);
      const url = contentLocation!.slice(server.base.length);
      const narrow: Actor = { ...township, scopes: [parseScope('system/Slot.rs')!] };
      expect((await ask(narrow, 'GET', url)).status).toBe(404);
      expect([200, 202]).toContain((await ask(wide, 'GET', url)).status);
    });
  },
  { AUTH: 'on' },
);
