import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Element, Resource } from '../../src/fhir/resource.ts';
import { onEachEngine } from '../environment/server.ts';
import { errorsOf, example, issuesOf, newReferral, referring, the } from './referrals.ts';

const indicationSystem = 'https://w3id.org/zhuanzhen/CodeSystem/referral-indication';

interface Issue extends Element {
  severity: string;
  details: { coding?: { system: string; code: string }[]; text: string };
  diagnostics?: string;
  expression?: string[];
}

/** The indications of an outcome, each with the values and the source. */
function indicationsOf(outcome: Element): Record<string, string> {
  return Object.fromEntries(
    (outcome.issue as Issue[])
      .filter(({ details }) => details.coding?.[0]?.system === indicationSystem)
      .map(({ details, diagnostics }) => [details.coding![0]!.code, diagnostics!]),
  );
}

/** What is found beside the indications. */
function findingsOf(outcome: Element): string[] {
  const issue = (outcome.issue as Issue[]).filter(
    ({ severity, details }) => severity !== 'information' && details.coding?.[0]?.system !== indicationSystem,
  );
  return issuesOf({ ...outcome, issue }).sort();
}

onEachEngine((server) => {
  const { accepted } = referring(server);
  beforeAll(async () => {
    await server.post('/', example('community')).expect(200);
  });
  const check = async (body: object) =>
    (await server.post('/ServiceRequest/$check-indications', body).expect(200)).body;
  const count = async () => (await server.get('/ServiceRequest?_summary=count')).body.total;

  describe('a bundle that would be refused', () => {
    const severe = () => newReferral('invalid/02-severe-hypertension-routine');

    test('is told what it breaks, with place, values and source, and nothing of it is kept', async () => {
      const before = await count();
      const outcome = await check(severe());
      expect(errorsOf(outcome)).toEqual(['up-htn-urgent']);
      const [issue] = outcome.issue.filter(({ severity }: Issue) => severity === 'error');
      expect(issue.expression).toEqual([expect.stringMatching(/^Bundle\.entry\[\d+\]\.resource\.priority$/)]);
      expect(issue.diagnostics).toContain('186/100');
      expect(issue.diagnostics).toContain('国家基本公卫规范(第三版) 高血压');
      expect(await count()).toBe(before);
    });

    test('is told the same by $validate, and when it is sent', async () => {
      const bundle = severe();
      const checked = await check(bundle);
      const { body: validated } = await server.post('/Bundle/$validate', bundle).expect(200);
      const { body: sent } = await server.post('/', bundle).expect(422);
      expect(findingsOf(checked)).toEqual(findingsOf(sent));
      expect(errorsOf(validated)).toEqual(errorsOf(sent));
    });

    test('is told the same as a collection, and within Parameters', async () => {
      const bundle = severe();
      const entry = bundle.entry.map(({ fullUrl, resource }) => ({ fullUrl, resource }));
      expect(errorsOf(await check({ ...bundle, type: 'collection', entry }))).toEqual(['up-htn-urgent']);
      const parameters = {
        resourceType: 'Parameters',
        parameter: [{ name: 'resource', resource: bundle }],
      };
      expect(errorsOf(await check(parameters))).toEqual(['up-htn-urgent']);
    });

    test('is told of a number that a different referral has, and of a reference that leads nowhere', async () => {
      const sent = newReferral();
      await server.post('/', sent).expect(200);
      Object.assign(the(sent, 'ServiceRequest'), { priority: 'urgent' });
      expect(errorsOf(await check(sent))).toEqual(['duplicate']);
      const astray = newReferral();
      Object.assign(the(astray, 'ServiceRequest'), { subject: { reference: 'urn:uuid:nobody' } });
      expect(errorsOf(await check(astray))).not.toEqual([]);
    });
  });

  describe('the indications that the data support, with the value and the source', () => {
    test.each<[string, string, RegExp]>([
      [
        'valid/02-hypertensive-emergency',
        'up-htn-emergency',
        /\| 196\/118 mm\[Hg\]; R51.*\(source: 县域高血压/,
      ],
      ['valid/01-routine-up-hypertension', 'up-htn-uncontrolled', /\| \d+\/\d+ mm\[Hg\]; .*C0/],
      ['valid/03-stroke-within-window', 'up-stroke', /\| I63.*onset/],
      ['valid/05-diabetic-ketoacidosis', 'up-dm-crisis', /\| 24\.8 mmol\/L/],
      ['valid/06-hypertension-in-pregnancy', 'up-htn-initial', /\| 150\/98 mm\[Hg\]/],
      ['valid/07-beyond-licensed-specialties', 'up-beyond-scope', /04/],
    ])('%s: %s', async (name, indication, evidence) => {
      const outcome = await check(example(name));
      expect(errorsOf(outcome)).toEqual([]);
      expect(indicationsOf(outcome)).toMatchObject({ [indication]: expect.stringMatching(evidence) });
    });

    test('special groups: an old patient who is of one may go down for long care, a younger one not for that', async () => {
      const down = (birthDate: string, group: string) => {
        const bundle = example('valid/09-down-for-rehabilitation');
        const { identifier: _, ...person } = the(bundle, 'Patient');
        const extension = [
          {
            url: 'https://w3id.org/zhuanzhen/StructureDefinition/special-population',
            valueCoding: {
              system: 'https://w3id.org/zhuanzhen/CodeSystem/special-population',
              code: group,
            },
          },
        ];
        const patient = { ...person, birthDate, extension };
        // Without a diagnosis that speaks of long care by itself.
        const code = { coding: [{ system: 'urn:oid:2.16.156.10011.2.3.3.11.3', code: 'I10.x00' }] };
        const entry = bundle.entry.map(({ fullUrl, resource }) => {
          const { resourceType } = resource;
          const changed =
            resourceType === 'Patient'
              ? patient
              : resourceType === 'Condition'
                ? { ...resource, code }
                : resource;
          return { fullUrl, resource: changed };
        });
        return { resourceType: 'Bundle', type: 'collection', entry };
      };
      const isFor = async (...patient: Parameters<typeof down>) =>
        'dn-elderly-care' in indicationsOf(await check(down(...patient)));
      expect(await isFor('1941-03-02', 'elderly')).toBe(true);
      expect(await isFor('1941-03-02', 'disabled')).toBe(true);
      expect(await isFor('1991-03-02', 'disabled')).toBe(false);
    });

    test('are none where the data support none', async () => {
      const bundle = newReferral();
      const without = ['Observation', 'MedicationRequest'];
      const entry = bundle.entry.filter(({ resource }) => !without.includes(resource.resourceType));
      const referral = the(bundle, 'ServiceRequest') as Resource;
      const { supportingInfo: _, ...others } = referral;
      const kept = entry.map((each) => (each.resource === referral ? { ...each, resource: others } : each));
      const outcome = await check({ ...bundle, entry: kept });
      expect(indicationsOf(outcome)).toEqual({});
    });

    test('do not depend on those that the referral claims', async () => {
      const bundle = newReferral('valid/02-hypertensive-emergency');
      Object.assign(the(bundle, 'ServiceRequest'), {
        reasonCode: [{ coding: [{ system: indicationSystem, code: 'up-complex' }] }],
      });
      expect(Object.keys(indicationsOf(await check(bundle)))).toContain('up-htn-emergency');
    });
  });

  test('a referral on record is checked as it is now', async () => {
    const { ServiceRequest: id } = await accepted(newReferral('valid/02-hypertensive-emergency'));
    const { body } = await server.get(`/ServiceRequest/${id}/$check-indications`).expect(200);
    expect(errorsOf(body)).toEqual([]);
    expect(Object.keys(indicationsOf(body))).toContain('up-htn-emergency');
    const [issue] = body.issue.filter(
      ({ details }: Issue) => details.coding?.[0]?.code === 'up-htn-emergency',
    );
    expect(issue.expression).toEqual(['ServiceRequest.reasonCode']);
  });

  test('without anything to check it is refused, and of one that is not there it is said', async () => {
    await server.post('/ServiceRequest/$check-indications').expect(400);
    await server.get('/ServiceRequest/nowhere/$check-indications').expect(404);
  });
});
