import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Element, Resource } from '../../src/fhir/resource.ts';
import { onEachEngine } from '../environment/server.ts';
import { example, newReferral, numberOf, type ReferralBundle, referring, the } from './referrals.ts';

const canonical = 'https://w3id.org/zhuanzhen';
const oracle = process.env.ORACLE_URL;
const hospital = { 'X-Acting-Organization': 'Organization/yongan-county-hospital' };

interface Document extends Resource {
  entry: { fullUrl: string; resource: Resource }[];
}
interface Section {
  code: { coding: { code: string }[] };
  text: { div: string };
  entry?: { reference: string }[];
  emptyReason?: Element;
}

/** The References within a resource. */
function referencesIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(referencesIn);
  if (typeof value !== 'object' || value === null) return [];
  const own = (value as Element).reference;
  return [...(typeof own === 'string' ? [own] : []), ...Object.values(value).flatMap(referencesIn)];
}

onEachEngine((server) => {
  const { accepted } = referring(server);
  beforeAll(async () => {
    await server.post('/', example('community')).expect(200);
  });

  async function aTask(bundle: ReferralBundle = newReferral()): Promise<string> {
    return (await accepted(bundle)).Task!;
  }
  const documentOf = async (address: string): Promise<Document> =>
    (await server.get(`${address}/$document`).expect(200)).body;
  const compositionOf = ({ entry }: Document) => entry[0]!.resource;
  const sectionsOf = (document: Document): Record<string, Section> =>
    Object.fromEntries(
      (compositionOf(document).section as Section[]).map((section) => [
        section.code.coding[0]!.code,
        section,
      ]),
    );
  const pageOf = async (address: string): Promise<string> =>
    (await server.get(address).set('Accept', 'text/html,application/xhtml+xml,*/*;q=0.8').expect(200)).text;

  describe('a referral up as a document', () => {
    test('begins with its Composition, which finds in it all that it names', async () => {
      const document = await documentOf(`/Task/${await aTask()}`);
      expect(document).toMatchObject({
        resourceType: 'Bundle',
        type: 'document',
        identifier: { system: 'urn:ietf:rfc:3986', value: expect.stringMatching(/^urn:uuid:[0-9a-f-]{36}$/) },
        timestamp: expect.stringMatching(/^20.*Z$/),
      });
      const composition = compositionOf(document);
      expect(composition).toMatchObject({
        resourceType: 'Composition',
        meta: { profile: [`${canonical}/StructureDefinition/transfer-out-form`] },
        type: { coding: [{ code: 'transfer-out-form' }] },
        title: '双向转诊(转出)单',
      });
      const urls = document.entry.map(({ fullUrl }) => fullUrl);
      expect(new Set(urls).size).toBe(urls.length);
      const named = referencesIn(composition);
      expect(named.length).toBeGreaterThan(5);
      for (const reference of named) expect(urls).toContain(reference);
    });

    test('is valid, also in the eyes of HL7’s validator', async () => {
      const document = await documentOf(`/Task/${await aTask()}`);
      const { body } = await server.post('/Bundle/$validate', document).expect(200);
      const errors = body.issue.filter(
        ({ severity }: Element) => severity === 'error' || severity === 'fatal',
      );
      expect(errors).toEqual([]);
      if (!oracle) return;
      const response = await fetch(oracle, { method: 'POST', body: JSON.stringify(document) });
      const verdict = (await response.json()) as { issues: { severity: string; message: string }[] };
      expect(
        verdict.issues.filter(
          // The validator that the tests start is not given this project's extensions.
          ({ severity, message }) =>
            severity === 'error' &&
            !/extension https:\/\/w3id\.org\/zhuanzhen\/|nknown extension/.test(message),
        ),
      ).toEqual([]);
    });

    test('says what the referral holds, and says of the rest that it is not there', async () => {
      const {
        impression,
        'past-history': past,
        ...others
      } = sectionsOf(await documentOf(`/Task/${await aTask()}`));
      expect(impression!.text.div).toContain('高血压');
      expect(impression!.entry![0]!.reference).toMatch(/\/Condition\//);
      expect(others['treatment-course']!.text.div).toContain('苯磺酸氨氯地平片 5mg');
      expect(others['present-illness']!.text.div).toContain('收缩压 162 mmHg');
      expect(past).toMatchObject({ emptyReason: { coding: [{ code: 'unavailable' }] } });
      expect(past).not.toHaveProperty('entry');
    });

    test('is the same document as long as nothing of it changes, and another one afterwards', async () => {
      const task = await aTask();
      const one = await documentOf(`/Task/${task}`);
      expect(await documentOf(`/Task/${task}`)).toEqual(one);
      await server.post(`/Task/${task}/$acknowledge`).set(hospital).expect(200);
      expect((await documentOf(`/Task/${task}`)).identifier).not.toEqual(one.identifier);
    });

    test('has its sections from a Composition where the referral brings one', async () => {
      const bundle = newReferral();
      const section = (code: string, text: string) => ({
        code: { coding: [{ system: `${canonical}/CodeSystem/form-section`, code }] },
        text: { status: 'generated', div: `<div xmlns="http://www.w3.org/1999/xhtml"><p>${text}</p></div>` },
      });
      const patient = bundle.entry.find(({ resource }) => resource.resourceType === 'Patient')!.fullUrl!;
      const fullUrl = 'urn:uuid:7f7fe1c4-9a54-4bb5-a3a5-2d3a5e3f7a11';
      bundle.entry.push({
        fullUrl,
        resource: {
          resourceType: 'Composition',
          status: 'final',
          type: { coding: [{ system: `${canonical}/CodeSystem/referral-form`, code: 'transfer-out-form' }] },
          subject: { reference: patient },
          date: '2026-11-16',
          author: [{ reference: 'PractitionerRole/chen-lixin-qingshi' }],
          title: '转出单',
          section: [
            section('impression', '难治性高血压'),
            section('present-illness', '头晕3月'),
            section('past-history', '阑尾切除术后'),
            section('treatment-course', '三联降压'),
          ],
        },
        request: { method: 'POST', url: 'Composition' },
      });
      const referral = the(bundle, 'ServiceRequest');
      referral.supportingInfo = [...(referral.supportingInfo as Element[]), { reference: fullUrl }];
      const sections = sectionsOf(await documentOf(`/Task/${await aTask(bundle)}`));
      expect(sections.impression!.text.div).toContain('难治性高血压');
      expect(sections['past-history']!.text.div).toContain('阑尾切除术后');
    });
  });

  describe('which form it is', () => {
    test('a referral down is the transfer-back form, with the number of the inpatient record', async () => {
      const document = await documentOf(
        `/Task/${await aTask(newReferral('valid/09-down-for-rehabilitation'))}`,
      );
      expect(compositionOf(document)).toMatchObject({
        type: { coding: [{ code: 'transfer-back-form' }] },
        encounter: { reference: expect.stringMatching(/Encounter/) },
      });
      const sections = sectionsOf(document);
      expect(sections['final-diagnosis']!.text.div).toContain('脑梗死');
      expect(sections['key-results']!.text.div).toContain('36.6');
      expect(sections['next-plan']!.text.div).toContain('阿司匹林肠溶片');
    });

    test('a referral that was returned has both: the way back, and on request the way there', async () => {
      const { Task: task } = await accepted(newReferral('valid/03-stroke-within-window'));
      const encounter = { name: 'encounter', valueReference: { display: '急诊就诊' } };
      const body = { resourceType: 'Parameters', parameter: [encounter] };
      await server.post(`/Task/${task}/$arrive`, body).set(hospital).expect(200);
      const down = newReferral('valid/09-down-for-rehabilitation');
      const { body: arrived } = await server.get(`/Task/${task}`).expect(200);
      const returned = await server.post(`/Task/${task}/$return`, returning(down, arrived)).set(hospital);
      expect(returned.status).toBe(200);
      const back = await documentOf(`/Task/${task}`);
      expect(compositionOf(back).type).toMatchObject({ coding: [{ code: 'transfer-back-form' }] });
      expect(sectionsOf(back)['next-plan']!.text.div).toContain('康复');
      const page = await pageOf(`/Task/${task}/$document`);
      expect(page).toContain(numberOf(the(down, 'ServiceRequest')));
      const { body: out } = await server.get(`/Task/${task}/$document?form=transfer-out-form`).expect(200);
      expect(compositionOf(out).type).toMatchObject({ coding: [{ code: 'transfer-out-form' }] });
    });

    test('a form that there is not, and a Task that is no referral, are refused', async () => {
      const task = await aTask();
      await server.get(`/Task/${task}/$document?form=letter`).expect(400);
      await server.get(`/Task/${task}/$document?paper=transfer-out-form`).expect(400);
      await server.get(`/Task/${task}/$document?category=letter`).expect(400);
      await server.get('/Task/nowhere/$document').expect(404);
      const plain = { resourceType: 'Task', status: 'requested', intent: 'order' };
      const { body } = await server.post('/Task', plain).expect(201);
      await server.get(`/Task/${body.id}/$document`).expect(422);
    });
  });

  describe('as a page', () => {
    test('has both parts, the names of the form, and the number as QR code', async () => {
      const bundle = newReferral();
      const page = await pageOf(`/Task/${await aTask(bundle)}/$document`);
      for (const text of [
        '存  根',
        '双向转诊(转出)单',
        '患者姓名',
        '档案编号',
        '家庭住址',
        '初步印象',
        '主要既往史',
        '治疗经过',
        '王秀兰',
        '永安县人民医院',
        '陈立新',
      ])
        expect(page.replaceAll('\uff08', '(').replaceAll('\uff09', ')')).toContain(text);
      expect(page).toContain(`aria-label="${numberOf(the(bundle, 'ServiceRequest'))}"`);
      expect(page).toMatch(/<svg[^>]*><path d="M2 2h1v1h-1z/);
      expect(page).toMatch(/@page \{ size: A4/);
    });

    test('may show its own style and nothing else', async () => {
      const { headers, text } = await server.get(`/Task/${await aTask()}/$document?_format=html`).expect(200);
      const style = /<style>([\s\S]*)<\/style>/.exec(text)![1]!;
      const hash = createHash('sha256').update(style).digest('base64');
      expect(headers['content-security-policy']).toBe(
        `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
      );
      expect(text).not.toMatch(/\sstyle=|<script/);
      expect(headers['content-type']).toBe('text/html; charset=utf-8');
      expect(headers['cache-control']).toBe('no-store');
    });

    test('shows a text as text, whatever it is', async () => {
      const bundle = newReferral();
      the(bundle, 'Patient').name = [{ text: '<script>alert(1)</script>𠮷·"\'&' }];
      const page = await pageOf(`/Task/${await aTask(bundle)}/$document`);
      expect(page).not.toContain('<script');
      expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;𠮷·&quot;&#39;&amp;');
    });

    test('of an accepted referral shows the number of the certificate', async () => {
      const task = await aTask();
      const parameter = [
        { name: 'department', valueReference: { reference: 'HealthcareService/yongan-cardiology' } },
        { name: 'liaison', valueReference: { reference: 'PractitionerRole/li-hui-yongan' } },
        { name: 'arrival-period', valuePeriod: { end: '2083-01-01' } },
      ];
      await server
        .post(`/Task/${task}/$accept`, { resourceType: 'Parameters', parameter })
        .set(hospital)
        .expect(200);
      const page = await pageOf(`/Task/${task}/$document`);
      expect(page).toMatch(/转诊证明编号.[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]</);
      expect(page).toContain('心血管内科');
      expect(page).toContain('李慧');
    });
  });

  describe('what it is asked for as', () => {
    test('a PDF, by _format or by Accept', async () => {
      const task = await aTask();
      for (const asked of [
        server.get(`/Task/${task}/$document?_format=pdf`),
        server.get(`/Task/${task}/$document`).set('Accept', 'application/pdf'),
      ]) {
        const { headers, body } = await asked.expect(200);
        expect(headers['content-type']).toBe('application/pdf');
        expect(headers['content-disposition']).toBe(`inline; filename="transfer-out-form-${task}.pdf"`);
        expect((body as Buffer).subarray(0, 5).toString()).toBe('%PDF-');
      }
    });

    test('FHIR JSON where nothing else is said, in a batch, and when it is refused', async () => {
      const task = await aTask();
      for (const accept of ['*/*', 'application/fhir+json', 'application/json'])
        expect(
          (await server.get(`/Task/${task}/$document`).set('Accept', accept).expect(200)).body.type,
        ).toBe('document');
      expect((await server.get(`/Task/${task}/$document?_format=json`).expect(200)).body.type).toBe(
        'document',
      );
      const entry = [{ request: { method: 'GET', url: `Task/${task}/$document` } }];
      const { body } = await server.post('/', { resourceType: 'Bundle', type: 'batch', entry }).expect(200);
      expect(body.entry[0].resource.type).toBe('document');
      const refused = await server.get('/Task/nowhere/$document?_format=pdf').expect(404);
      expect(refused.headers['content-type']).toMatch(/^application\/fhir\+json/);
    });

    test('nothing else, and no other address answers with pages', async () => {
      const task = await aTask();
      await server.get(`/Task/${task}/$document?_format=docx`).expect(406);
      await server.get(`/Task/${task}/$document`).set('Accept', 'image/png').expect(406);
      await server.get(`/Task/${task}?_format=html`).expect(406);
      await server.get(`/Task/${task}/$next-steps`).set('Accept', 'application/pdf').expect(406);
    });
  });

  test('a county puts its own form in place by storing it', async () => {
    const task = await aTask();
    const { body: form } = await server.get('/Questionnaire/transfer-out-form').expect(200);
    const own = JSON.parse(JSON.stringify(form).replaceAll('初步印象', '初步诊断'));
    await server.put('/Questionnaire/transfer-out-form', own).expect(201);
    expect(await pageOf(`/Task/${task}/$document`)).toContain('初步诊断');
    await server.delete('/Questionnaire/transfer-out-form').expect(204);
    expect(await pageOf(`/Task/${task}/$document`)).toContain('初步印象');
  });
});

/** The parameters of `$return`: the referral down and its papers for the patient of a Task. */
function returning(bundle: ReferralBundle, task: Resource): Resource {
  const { supportingInfo: _, basedOn: __, encounter: ___, ...sent } = the(bundle, 'ServiceRequest');
  const referral = {
    ...sent,
    subject: task.for,
    reasonReference: [{ reference: 'Condition/dx' }],
    performer: [task.requester],
  };
  const paper = (type: string, id: string) => {
    const { encounter: _encounter, addresses: _addresses, ...resource } = the(bundle, type);
    return { name: 'resource', resource: { ...resource, id, subject: task.for } };
  };
  return {
    resourceType: 'Parameters',
    parameter: [
      { name: 'referral', resource: referral },
      { name: 'feedback', valueReference: { display: '回转单' } },
      paper('Condition', 'dx'),
      paper('CarePlan', 'plan'),
      paper('MedicationRequest', 'medicine'),
    ],
  };
}
