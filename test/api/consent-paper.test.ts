import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Element, Resource } from '../../src/fhir/resource.ts';
import { onEachEngine } from '../environment/server.ts';
import { example, newReferral, numberOf, referring, the } from './referrals.ts';

const canonical = 'https://w3id.org/zhuanzhen';
const categories = [
  'referral-consent',
  'referral-notice',
  'self-pay-pledge',
  'data-sharing',
  'policy-notice',
];

interface Document extends Resource {
  entry: { fullUrl: string; resource: Resource }[];
}

onEachEngine((server) => {
  const { accepted, read } = referring(server);
  beforeAll(async () => {
    await server.post('/', example('community')).expect(200);
  });

  /** A consent of a category, given by the patient of a referral for it. */
  async function aConsent(category: string, changes: Partial<Resource> = {}) {
    const bundle = newReferral('valid/10-at-the-patients-request');
    const ids = await accepted(bundle);
    const patient = { reference: `Patient/${ids.Patient}` };
    const consent = {
      resourceType: 'Consent',
      status: 'active',
      scope: {
        coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'treatment' }],
      },
      category: [{ coding: [{ system: `${canonical}/CodeSystem/consent-category`, code: category }] }],
      patient,
      performer: [patient],
      dateTime: '2026-11-19T15:00:00+08:00',
      organization: [{ reference: 'Organization/qingshi-health-centre' }],
      policyRule: {
        coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'OPTIN' }],
      },
      provision: {
        data: [{ meaning: 'related', reference: { reference: `ServiceRequest/${ids.ServiceRequest}` } }],
      },
      ...changes,
    };
    const { body } = await server.post('/Consent', consent).expect(201);
    return { consent: body as Resource, ids, number: numberOf(the(bundle, 'ServiceRequest')) };
  }
  const pageOf = async (address: string): Promise<string> =>
    (await server.get(`${address}${address.includes('?') ? '&' : '?'}_format=html`).expect(200)).text;

  describe('before it is signed', () => {
    test.each(categories)('%s is printed for a referral, with blanks to sign', async (category) => {
      const { Task: task } = await accepted(newReferral('valid/10-at-the-patients-request'));
      const address = `/Task/${task}/$document?category=${category}`;
      const page = await pageOf(address);
      expect(page).toContain('郑玉芬');
      expect(page).toMatch(/患者.签字..<span class="value"><\/span>/);
      const pdf = await server.get(`${address}&_format=pdf`).expect(200);
      expect((pdf.body as Buffer).subarray(0, 5).toString()).toBe('%PDF-');
      const { body } = await server.get(address).expect(200);
      expect(body.entry[0].resource).toMatchObject({
        resourceType: 'Composition',
        status: 'preliminary',
        type: { coding: [{ code: category }] },
      });
    });

    test('the notice names what the patient insists on, the pledge where', async () => {
      const { Task: task } = await accepted(newReferral('valid/10-at-the-patients-request'));
      expect(await pageOf(`/Task/${task}/$document?category=referral-notice`)).toContain('不符合转诊条件');
      const pledge = await pageOf(`/Task/${task}/$document?category=self-pay-pledge`);
      expect(pledge).toContain('<u>永安县人民医院</u>');
      expect(pledge).toContain('由个人承担');
    });
  });

  describe('a consent on record', () => {
    test('is printed with the referral that it names, who signed it and when', async () => {
      const { consent, number } = await aConsent('referral-consent');
      const page = await pageOf(`/Consent/${consent.id}/$document`);
      expect(page).toContain(number);
      expect(page).toContain('永安县人民医院');
      expect(page).toContain('2026年11月19日');
      expect(page).toContain('√ 同意转诊    □ 不同意转诊');
    });

    test('that was refused says so', async () => {
      const { consent } = await aConsent('data-sharing', { status: 'rejected' });
      expect(await pageOf(`/Consent/${consent.id}/$document`)).toContain('□ 同意    √ 不同意');
    });

    test('is found by the referral that brings it along, and without one stays blank there', async () => {
      const bundle = newReferral();
      const referral = the(bundle, 'ServiceRequest');
      const brought = bundle.entry.find(({ resource }) => resource.resourceType === 'Consent')!.fullUrl!;
      referral.supportingInfo = [...(referral.supportingInfo as Element[]), { reference: brought }];
      const { Consent: id } = await accepted(bundle);
      expect(await pageOf(`/Consent/${id}/$document`)).toContain(numberOf(referral));
      const { consent } = await aConsent('referral-notice', { provision: undefined });
      const page = await pageOf(`/Consent/${consent.id}/$document`);
      expect(page).not.toContain('<svg');
      expect(page).toMatch(/转入机构.<span class="value"><\/span>/);
    });

    test('is a valid document that holds all that its Composition names', async () => {
      const { consent } = await aConsent('data-sharing');
      const { body } = await server.get(`/Consent/${consent.id}/$document`).expect(200);
      const document = body as Document;
      const verdict = await server.post('/Bundle/$validate', document).expect(200);
      const errors = verdict.body.issue.filter(({ severity }: Element) => severity === 'error');
      expect(errors).toEqual([]);
      expect(document.entry.map(({ resource }) => resource.resourceType)).toEqual(
        expect.arrayContaining([
          'Composition',
          'Consent',
          'Patient',
          'ServiceRequest',
          'Task',
          'Organization',
        ]),
      );
    });
  });

  test('the signed copy is attached as a DocumentReference, is found, and comes with the document', async () => {
    const { consent, ids } = await aConsent('self-pay-pledge');
    const scan = Buffer.from('%PDF-1.7 signed');
    const binary = await server
      .post('/Binary')
      .set('Content-Type', 'application/pdf')
      .send(scan as unknown as object)
      .expect(201);
    const url = `Binary/${binary.headers.location!.split('/').at(-3)}`;
    const copy = await server
      .post('/DocumentReference', {
        resourceType: 'DocumentReference',
        status: 'current',
        type: { coding: [{ system: `${canonical}/CodeSystem/consent-category`, code: 'self-pay-pledge' }] },
        subject: { reference: `Patient/${ids.Patient}` },
        context: { related: [{ reference: `ServiceRequest/${ids.ServiceRequest}` }] },
        content: [{ attachment: { contentType: 'application/pdf', url, title: '承诺书(已签字)' } }],
      })
      .expect(201);
    const reference = `DocumentReference/${copy.body.id}`;
    await server
      .patch(`/Consent/${consent.id}`, {
        resourceType: 'Parameters',
        parameter: [
          {
            name: 'operation',
            part: [
              { name: 'type', valueCode: 'add' },
              { name: 'path', valueString: 'Consent' },
              { name: 'name', valueString: 'source' },
              { name: 'value', valueReference: { reference } },
            ],
          },
        ],
      })
      .expect(200);
    expect(await read('Consent', consent.id!)).toMatchObject({ sourceReference: { reference } });

    const idsOf = ({ body }: { body: { entry?: { resource: Resource }[] } }) =>
      (body.entry ?? []).map(({ resource }) => resource.id);
    expect(idsOf(await server.get(`/Consent?source-reference=${reference}`).expect(200))).toEqual([
      consent.id,
    ]);
    const related = `/DocumentReference?related=ServiceRequest/${ids.ServiceRequest}`;
    expect(idsOf(await server.get(related).expect(200))).toEqual([copy.body.id]);
    const { body } = await server.get(`/Consent/${consent.id}/$document`).expect(200);
    expect((body as Document).entry.map(({ fullUrl }) => fullUrl)).toContain(`${server.base}/${reference}`);
    const stored = await server.get(`/${url}`).set('Accept', 'application/pdf').expect(200);
    expect(stored.body).toEqual(scan);
  });
});
