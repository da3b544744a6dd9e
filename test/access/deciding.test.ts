import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Resource } from '../../src/fhir/resource.ts';
import type { Actor } from '../../src/interactions/actor.ts';
import { example, newReferral, numberOf, the } from '../api/referrals.ts';
import { onEachEngine } from '../environment/server.ts';
import { askingOn, at, consentOf, recipient, system } from './asking.ts';

const township = at('qingshi-health-centre');
const hospital = at('yongan-county-hospital');
const neighbour = at('hekou-health-centre');
const residents = 'urn:oid:2.16.156.10011.1.3';

const purpose = (code: string) => ({ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code });

onEachEngine(
  (server) => {
    const ask = askingOn(server);
    const sees = async (who: Actor, path: string) => {
      const { status } = await ask(who, 'GET', `/${path}`);
      return status === 200;
    };

    beforeAll(async () => {
      expect((await ask(system, 'POST', '/', example('community'))).status).toBe(200);
    });

    /** A referral of the township to the hospital; gives what it was kept as, by type. */
    async function aReferral(bundle = newReferral()): Promise<Record<string, string>> {
      const sent = await ask(township, 'POST', '/', bundle);
      expect([sent.status, sent.text]).toEqual([200, expect.anything()]);
      return Object.fromEntries(sent.shown.map((path) => [path.split('/')[0]!, path]));
    }

    describe('a Consent', () => {
      test('that denies an organization takes from it what it could read, and its end gives it back', async () => {
        const { Patient, Condition, Task } = await aReferral();
        expect(await sees(hospital, Condition!)).toBe(true);
        const made = await ask(
          township,
          'POST',
          '/Consent',
          consentOf(Patient!, { type: 'deny', actor: [recipient('yongan-county-hospital')] }),
        );
        expect(made.status).toBe(201);
        expect([
          await sees(hospital, Condition!),
          await sees(hospital, Patient!),
          await sees(hospital, Task!),
        ]).toEqual([false, false, false]);
        expect(await sees(township, Condition!)).toBe(true);
        const ended = await ask(township, 'PUT', `/${made.shown[0]}`, { ...made.body, status: 'inactive' });
        expect(ended.status).toBe(200);
        expect([
          await sees(hospital, Condition!),
          await sees(hospital, Patient!),
          await sees(hospital, Task!),
        ]).toEqual([true, true, true]);
      });

      test('holds for what is written after it', async () => {
        const { Patient } = await aReferral();
        await ask(
          township,
          'POST',
          '/Consent',
          consentOf(Patient!, { type: 'deny', actor: [recipient('yongan-alliance')] }),
        );
        const written = await ask(township, 'POST', '/Observation', {
          resourceType: 'Observation',
          status: 'final',
          code: { text: '体重' },
          subject: { reference: Patient },
        });
        const office: Actor = { organization: 'Organization/yongan-alliance', roles: ['alliance-office'] };
        expect(await sees(office, written.shown[0]!)).toBe(false);
        const other = await aReferral();
        expect(await sees(office, other.Observation!)).toBe(true);
      });

      test('that permits an organization lets it read all that is about the patient', async () => {
        const { Patient, Condition } = await aReferral();
        expect(await sees(neighbour, Condition!)).toBe(false);
        await ask(
          township,
          'POST',
          '/Consent',
          consentOf(Patient!, { type: 'permit', actor: [recipient('hekou-health-centre')] }),
        );
        expect([await sees(neighbour, Condition!), await sees(neighbour, Patient!)]).toEqual([true, true]);
      });

      test('about related data goes no further than to these', async () => {
        const { Patient, Condition, ServiceRequest, Encounter } = await aReferral();
        const other = await ask(township, 'POST', '/Observation', {
          resourceType: 'Observation',
          status: 'final',
          code: { text: '其他' },
          subject: { reference: Patient },
        });
        await ask(
          township,
          'POST',
          '/Consent',
          consentOf(Patient!, {
            type: 'permit',
            actor: [recipient('hekou-health-centre')],
            data: [{ meaning: 'related', reference: { reference: ServiceRequest } }],
          }),
        );
        expect([
          await sees(neighbour, ServiceRequest!),
          await sees(neighbour, Condition!),
          await sees(neighbour, Encounter!),
          await sees(neighbour, other.shown[0]!),
        ]).toEqual([true, true, true, false]);
      });

      test('for a purpose holds for that purpose alone', async () => {
        const { Patient, Condition } = await aReferral();
        await ask(
          township,
          'POST',
          '/Consent',
          consentOf(Patient!, {
            type: 'permit',
            actor: [recipient('hekou-health-centre')],
            purpose: [purpose('HRESCH')],
          }),
        );
        expect(await sees(neighbour, Condition!)).toBe(false);
        expect(await sees({ ...neighbour, purpose: 'HRESCH' }, Condition!)).toBe(true);
        await ask(
          township,
          'POST',
          '/Consent',
          consentOf(Patient!, {
            type: 'deny',
            actor: [recipient('yongan-county-hospital')],
            purpose: [purpose('HRESCH')],
          }),
        );
        expect(await sees(hospital, Condition!)).toBe(true);
        expect(await sees({ ...hospital, purpose: 'HRESCH' }, Condition!)).toBe(false);
      });

      test('of a period that is over or has not begun changes nothing', async () => {
        const { Patient, Condition } = await aReferral();
        for (const period of [{ end: '2020-01-01' }, { start: '2999-01-01' }]) {
          const provision = { type: 'deny', actor: [recipient('yongan-county-hospital')], period };
          expect((await ask(township, 'POST', '/Consent', consentOf(Patient!, provision))).status).toBe(201);
        }
        expect(await sees(hospital, Condition!)).toBe(true);
      });

      test('gives nobody what its writer has no say in', async () => {
        const { Patient, Condition } = await aReferral();
        // Who does not know the patient, and who has the referral of the patient but neither registered nor signed them.
        const own = (organization: string) =>
          consentOf(Patient!, { type: 'permit', actor: [recipient(organization)] });
        expect((await ask(neighbour, 'POST', '/Consent', own('hekou-health-centre'))).status).toBe(201);
        expect((await ask(hospital, 'POST', '/Consent', own('hekou-health-centre'))).status).toBe(201);
        expect(await sees(neighbour, Condition!)).toBe(false);
      });
    });

    describe('in an emergency', () => {
      const breaking = (who: Actor, identifier: string, reason: string) =>
        ask(who, 'POST', '/Patient/$break-the-glass', {
          resourceType: 'Parameters',
          parameter: [
            { name: 'identifier', valueString: `${residents}|${identifier}` },
            ...(reason ? [{ name: 'reason', valueString: reason }] : []),
          ],
        });

      test('the glass is broken with a reason, for a time, and the patient’s institutions are told', async () => {
        const bundle = newReferral();
        const { Patient, Condition } = await aReferral(bundle);
        await ask(township, 'POST', '/Consent', consentOf(Patient!, { type: 'deny' }));
        expect([await sees(neighbour, Condition!), await sees(hospital, Condition!)]).toEqual([false, false]);
        const identifier = numberOf(the(bundle, 'Patient'));
        expect((await breaking(neighbour, identifier, '')).status).toBe(400);
        const broken = await breaking(neighbour, identifier, '昏迷,无家属');
        expect([broken.status, broken.body.resourceType]).toEqual([200, 'Consent']);
        const { start, end } = (broken.body.provision as { period: { start: string; end: string } }).period;
        expect(Date.parse(end) - Date.parse(start)).toBe(12 * 3_600_000);
        expect([await sees(neighbour, Condition!), await sees(hospital, Condition!)]).toEqual([true, false]);
        expect(await sees({ ...neighbour, purpose: 'HRESCH' }, Condition!)).toBe(false);
        const told = await ask(
          township,
          'GET',
          '/Communication?recipient=Organization/qingshi-health-centre',
        );
        expect(told.text).toContain('昏迷,无家属');
      });

      test('nobody breaks it who treats nobody, and none is there for an unknown number', async () => {
        const platform: Actor = { organization: 'Organization/platform', roles: ['platform'] };
        expect((await breaking(platform, '1', '好奇')).status).toBe(403);
        expect((await breaking(neighbour, 'nobody', '昏迷')).status).toBe(404);
      });
    });

    describe('what is sensitive', () => {
      test('is seen with a scope that names it alone', async () => {
        const bundle = newReferral();
        the(bundle, 'Condition').meta = {
          security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' }],
        };
        const { Condition, Patient } = await aReferral(bundle);
        const all = { context: 'system', type: '*', permissions: 'rs' } as const;
        const named = {
          context: 'system',
          type: 'Condition',
          permissions: 'rs',
          filter: '_security=http://terminology.hl7.org/CodeSystem/v3-Confidentiality|R',
        } as const;
        expect(await sees(hospital, Condition!)).toBe(false);
        expect(await sees({ ...hospital, scopes: [all] }, Condition!)).toBe(false);
        expect(await sees({ ...hospital, scopes: [all, named] }, Condition!)).toBe(true);
        expect(await sees({ ...neighbour, scopes: [all, named] }, Condition!)).toBe(false);
        expect(await sees(hospital, Patient!)).toBe(true);
      });
    });

    describe('a patient who is registered already', () => {
      test('is one for all institutions: who refers them with their number is given the one on record', async () => {
        const bundle = newReferral();
        const identifier = numberOf(the(bundle, 'Patient'));
        const registered = await ask(neighbour, 'POST', '/Patient', the(bundle, 'Patient'));
        expect(await sees(township, registered.shown[0]!)).toBe(false);
        const { Patient } = await aReferral(bundle);
        expect(Patient).toBe(registered.shown[0]);
        expect([await sees(township, Patient!), await sees(hospital, Patient!)]).toEqual([true, true]);
        const all = await ask(system, 'GET', `/Patient?identifier=${residents}|${identifier}`);
        expect(all.shown).toEqual([Patient]);
      });

      test('is not opened by a request that only names their id', async () => {
        const { generalPractitioner: _, ...person } = the(newReferral(), 'Patient');
        const registered = await ask(neighbour, 'POST', '/Patient', person);
        const [patient] = registered.shown;
        const bundle = newReferral();
        const named = bundle.entry.find(({ resource }) => resource.resourceType === 'Patient')!.fullUrl!;
        const others = bundle.entry.filter(({ resource }) => resource.resourceType !== 'Patient');
        const claiming = JSON.parse(JSON.stringify({ ...bundle, entry: others }).replaceAll(named, patient!));
        await ask(township, 'POST', '/', claiming);
        expect([await sees(township, patient!), await sees(hospital, patient!)]).toEqual([false, false]);
      });
    });

    describe('who writes', () => {
      test('writes what is signed by the server', async () => {
        const { Patient } = await aReferral();
        const signed = await ask(hospital, 'GET', `/Provenance?target=${Patient}`);
        const [entry] = signed.body.entry as { resource: Resource }[];
        expect(entry!.resource).toMatchObject({
          target: expect.arrayContaining([{ reference: `${Patient}/_history/1` }]),
          agent: [{ who: { reference: 'Organization/qingshi-health-centre' } }],
        });
      });

      test.each<[string, object]>([
        [
          'a referral in another organization’s name',
          { requester: { reference: 'PractitionerRole/ma-junjie-hekou' } },
        ],
      ])('cannot write %s', async (_, changes) => {
        const bundle = newReferral();
        Object.assign(the(bundle, 'ServiceRequest'), changes);
        const refused = await ask(township, 'POST', '/', bundle);
        expect(refused.status).toBe(403);
      });

      test.each<[string, object]>([
        [
          'an office',
          {
            resourceType: 'PractitionerRole',
            organization: { reference: 'Organization/qingshi-health-centre' },
            code: [{ coding: [{ code: 'alliance-office' }] }],
          },
        ],
        [
          'a member of an alliance',
          {
            resourceType: 'OrganizationAffiliation',
            organization: { reference: 'Organization/yongan-alliance' },
            participatingOrganization: { reference: 'Organization/elsewhere' },
          },
        ],
        ['a client', { resourceType: 'Device', owner: { reference: 'Organization/yongan-county-hospital' } }],
        ['a rule', { resourceType: 'PlanDefinition', status: 'active' }],
        [
          'the Provenance of another',
          {
            resourceType: 'Provenance',
            target: [{ reference: 'Patient/1' }],
            recorded: '2026-01-01T00:00:00Z',
            agent: [{ who: { reference: 'Organization/yongan-county-hospital' } }],
          },
        ],
        [
          'a message of another',
          {
            resourceType: 'Communication',
            status: 'completed',
            sender: { reference: 'Organization/yongan-county-hospital' },
          },
        ],
        [
          'access in an emergency by itself',
          {
            ...consentOf('Patient/1', { type: 'permit', actor: [recipient('qingshi-health-centre')] }),
            category: [{ coding: [{ code: 'break-the-glass' }] }],
          },
        ],
      ])('cannot make %s', async (_, resource) => {
        const office: Actor = { ...township, roles: ['referrer', 'medical-affairs'] };
        const { resourceType } = resource as { resourceType: string };
        const refused = await ask(office, 'POST', `/${resourceType}`, resource);
        expect(refused.status).toBe(403);
      });

      test('of a role that treats nobody writes nothing about patients', async () => {
        for (const roles of [['administrator'], ['platform'], ['insurer']]) {
          const refused = await ask(
            { organization: 'Organization/qingshi-health-centre', roles },
            'POST',
            '/Observation',
            {
              resourceType: 'Observation',
              status: 'final',
              code: { text: '体重' },
            },
          );
          expect(refused.status).toBe(403);
        }
      });

      test('keeps the directory of the own house, as its office', async () => {
        const office: Actor = { ...township, roles: ['medical-affairs'] };
        const service = (organization: string) => ({
          resourceType: 'HealthcareService',
          providedBy: { reference: `Organization/${organization}` },
          name: '康复门诊',
        });
        expect(
          (await ask(office, 'POST', '/HealthcareService', service('qingshi-health-centre'))).status,
        ).toBe(201);
        expect((await ask(office, 'POST', '/HealthcareService', service('hekou-health-centre'))).status).toBe(
          403,
        );
        expect(
          (await ask(township, 'POST', '/HealthcareService', service('qingshi-health-centre'))).status,
        ).toBe(403);
      });
    });

    describe('an answer that is fetched later', () => {
      test('is for who asked alone', async () => {
        const accepted = await ask(township, 'GET', '/Patient?_count=1', undefined, {
          prefer: { respondAsync: true },
        });
        expect(accepted.status).toBe(202);
        const address = accepted.contentLocation!.slice(server.base.length);
        for (const path of [address, `${address}/answer`])
          expect((await ask(hospital, 'GET', path)).status).toBe(404);
        expect((await ask(hospital, 'DELETE', address)).status).toBe(404);
        expect([200, 202]).toContain((await ask(township, 'GET', address)).status);
      });
    });
  },
  { AUTH: 'on' },
);
