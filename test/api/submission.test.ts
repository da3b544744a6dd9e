import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Element, Resource } from '../../src/fhir/resource.ts';
import { onEachEngine } from '../environment/server.ts';
import { answerIn, asMessage } from './messages.ts';
import {
  errorsOf,
  example,
  issuesOf,
  newReferral,
  numberOf,
  type ReferralBundle,
  referring,
  the,
  without,
} from './referrals.ts';

const canonical = 'https://w3id.org/zhuanzhen';
const morning = Date.parse('2026-11-16T02:00:00Z');

const div = (text: string) => `<div xmlns="http://www.w3.org/1999/xhtml"><p>${text}</p></div>`;
const form = (bundle: ReferralBundle, sections: readonly string[]): Resource => {
  const urlOf = (type: string) => bundle.entry.find((each) => each.resource.resourceType === type)!.fullUrl;
  const display = '双向转诊(转出)单';
  return {
    resourceType: 'Composition',
    meta: { profile: [`${canonical}/StructureDefinition/transfer-out-form`] },
    text: { status: 'generated', div: div(display) },
    status: 'final',
    type: {
      coding: [{ system: `${canonical}/CodeSystem/referral-form`, code: 'transfer-out-form' }],
      text: display,
    },
    subject: { reference: urlOf('Patient') },
    encounter: { reference: urlOf('Encounter') },
    date: '2026-11-16T09:40:00+08:00',
    author: [{ display: '陈立新' }],
    title: display,
    event: [{ detail: [{ reference: urlOf('ServiceRequest') }] }],
    section: sections.map((code) => ({
      title: code,
      code: { coding: [{ system: `${canonical}/CodeSystem/form-section`, code }] },
      text: { status: 'generated', div: div(code) },
    })),
  };
};
const allSections = ['impression', 'present-illness', 'past-history', 'treatment-course'];

/** The same referral as a document of the national form. */
function asDocument(bundle: ReferralBundle, sections = allSections) {
  const composition = { fullUrl: `urn:uuid:${randomUUID()}`, resource: form(bundle, sections) };
  return {
    resourceType: 'Bundle',
    identifier: { system: 'urn:ietf:rfc:3986', value: `urn:uuid:${randomUUID()}` },
    type: 'document',
    timestamp: '2026-11-16T09:41:00+08:00',
    entry: [composition, ...bundle.entry.map(({ fullUrl, resource }) => ({ fullUrl, resource }))],
  };
}

/** The same referral as Parameters, its resources by ids of its own. */
function asParameters(bundle: ReferralBundle) {
  const names: Record<string, string> = { ServiceRequest: 'referral', Patient: 'patient', Task: 'task' };
  let text = JSON.stringify(
    bundle.entry.map(({ resource, fullUrl }) => ({
      name: names[resource.resourceType] ?? 'resource',
      resource: { ...resource, id: fullUrl!.slice(-12) },
    })),
  );
  for (const { resource, fullUrl } of bundle.entry)
    text = text.replaceAll(fullUrl!, `${resource.resourceType}/${fullUrl!.slice(-12)}`);
  return { resourceType: 'Parameters', parameter: JSON.parse(text) as Element[] };
}

onEachEngine(
  (server) => {
    const { accepted, read } = referring(server);
    beforeAll(async () => {
      await server.post('/', example('community')).expect(200);
    });

    const found = async (address: string): Promise<Resource[]> =>
      ((await server.get(address).expect(200)).body.entry ?? []).map(
        ({ resource }: { resource: Resource }) => resource,
      );
    const idOf = (reference: string) => reference.split('/').at(-1)!;
    const named = (body: { parameter: Element[] }, name: string) =>
      body.parameter
        .filter((each) => each.name === name)
        .map(({ valueReference }) => idOf(String((valueReference as Element).reference)));

    /** Sends a referral by a way; gives the id that it is on record as. */
    const ways: Record<string, (bundle: ReferralBundle) => Promise<string>> = {
      transaction: async (bundle) => (await accepted(bundle)).ServiceRequest!,
      message: async (bundle) => {
        const { body } = await server.post('/$process-message', asMessage(bundle)).expect(200);
        return idOf(answerIn(body).focus.find((each) => each.includes('/ServiceRequest/'))!);
      },
      $submit: async (bundle) => {
        const { body } = await server.post('/ServiceRequest/$submit', asParameters(bundle)).expect(200);
        return named(body, 'referral')[0]!;
      },
      'a Bundle to $submit': async (bundle) => {
        const parameter = [{ name: 'bundle', resource: bundle }];
        const { body } = await server
          .post('/ServiceRequest/$submit', { resourceType: 'Parameters', parameter })
          .expect(200);
        return named(body, 'referral')[0]!;
      },
      document: async (bundle) => {
        const { headers, body } = await server.post('/Bundle', asDocument(bundle));
        if (!headers.link) throw new Error(issuesOf(body).join());
        return idOf(/<([^>]+\/ServiceRequest\/[^>]+)>/.exec(headers.link as string)![1]!);
      },
    };

    /** All that is stored of a referral, without ids and numbers, and what says when it was stored. */
    async function storedOf(id: string, bundle: ReferralBundle): Promise<unknown[]> {
      const referral = await read('ServiceRequest', id);
      const patient = idOf(String((referral.subject as Element).reference));
      const record = ['Encounter', 'Condition', 'Observation', 'MedicationRequest', 'Consent', 'Task'];
      const all = [
        referral,
        await read('Patient', patient),
        ...(await found(`/DetectedIssue?implicated=ServiceRequest/${id}`)),
        ...(await Promise.all(record.map((type) => found(`/${type}?patient=${patient}&_count=50`)))).flat(),
      ];
      const key = (each: Resource) => `${each.resourceType} ${JSON.stringify(each.identifier)}`;
      const sorted = [...all].sort((a, b) => (key(a) < key(b) ? -1 : 1));
      let text = JSON.stringify(sorted.map((each) => ({ ...each, meta: { profile: each.meta?.profile } })));
      const numbers = [numberOf(the(bundle, 'Patient')), numberOf(the(bundle, 'ServiceRequest'))];
      for (const [at, each] of sorted.entries()) text = text.replaceAll(each.id!, `id-${at}`);
      for (const [at, each] of numbers.entries()) text = text.replaceAll(each, `number-${at}`);
      const { birthDate, gender } = the(bundle, 'Patient');
      text = text
        .replaceAll(String(birthDate), 'birth date')
        .replaceAll(`"gender":"${gender}"`, '"gender":""');
      return JSON.parse(text);
    }

    describe.each([
      ['with the Task of its sender', (bundle: ReferralBundle) => bundle],
      ['for which the server makes the Task', (bundle: ReferralBundle) => without(bundle, 'Task')],
    ])('one referral %s', (_, shaped) => {
      test('is stored as the same, whichever way it came', async () => {
        const stored: Record<string, unknown[]> = {};
        for (const [way, send] of Object.entries(ways)) {
          const bundle = shaped(newReferral());
          stored[way] = await storedOf(await send(bundle), bundle);
        }
        const { transaction, ...others } = stored;
        expect(transaction!.length).toBeGreaterThan(11);
        for (const [way, each] of Object.entries(others))
          expect({ [way]: each }).toEqual({ [way]: transaction });
      });

      test('is answered with what is on record when it comes again, by whichever way', async () => {
        const bundle = shaped(newReferral());
        const first = await ways.transaction!(bundle);
        const before = await storedOf(first, bundle);
        for (const send of Object.values(ways)) expect(await send(bundle)).toBe(first);
        expect(await storedOf(first, bundle)).toEqual(before);
      });
    });

    describe('the same number with another content', () => {
      const changed: Record<string, (bundle: ReferralBundle) => void> = {
        'another priority': (bundle) => {
          the(bundle, 'ServiceRequest').priority = 'urgent';
          the(bundle, 'Task').priority = 'urgent';
        },
        'another finding': (bundle) => {
          const [first] = bundle.entry.filter(({ resource }) => resource.resourceType === 'Observation');
          const component = first!.resource.component as { valueQuantity: { value: number } }[];
          component[0]!.valueQuantity.value += 1;
        },
        'another receiver of the Task': (bundle) => {
          the(bundle, 'Task').owner = { reference: 'Organization/linjiang-municipal-hospital' };
        },
      };
      test.each(Object.keys(changed))('%s: 409, by whichever way', async (name) => {
        const bundle = newReferral();
        await ways.transaction!(bundle);
        changed[name]!(bundle);
        for (const [path, body] of [
          ['/', bundle],
          ['/$process-message', asMessage(bundle)],
          ['/ServiceRequest/$submit', asParameters(bundle)],
          ['/Bundle', asDocument(bundle)],
        ] as const)
          expect({ path, status: (await server.post(path, body)).status }).toEqual({ path, status: 409 });
      });
    });

    test('what breaks a rule is refused by it, whichever way it comes, and nothing is kept', async () => {
      const bundle = without(newReferral(), 'Consent');
      const number = numberOf(the(bundle, 'ServiceRequest'));
      const answers = [
        (await server.post('/', bundle).expect(422)).body,
        answerIn((await server.post('/$process-message', asMessage(bundle)).expect(422)).body).outcome,
        (await server.post('/ServiceRequest/$submit', asParameters(bundle)).expect(422)).body,
        (await server.post('/Bundle', asDocument(bundle)).expect(422)).body,
      ];
      for (const each of answers) expect(errorsOf(each)).toEqual(['doc-consent']);
      expect(await found(`/ServiceRequest?identifier=${number}`)).toEqual([]);
      expect(await found(`/Patient?identifier=${numberOf(the(bundle, 'Patient'))}`)).toEqual([]);
    });

    describe('ServiceRequest/$submit', () => {
      test('says whether the referral was there before, and what each resource is on record as', async () => {
        const bundle = newReferral();
        const first = (await server.post('/ServiceRequest/$submit', asParameters(bundle)).expect(200)).body;
        expect(first.parameter[0]).toEqual({ name: 'status', valueCode: 'filed' });
        expect(named(first, 'task')).toHaveLength(1);
        expect(named(first, 'resource')).toHaveLength(bundle.entry.length - 3);
        const again = (await server.post('/ServiceRequest/$submit', asParameters(bundle)).expect(200)).body;
        expect(again.parameter[0]).toEqual({ name: 'status', valueCode: 'repeated' });
        for (const name of ['referral', 'task', 'patient', 'resource'])
          expect(named(again, name)).toEqual(named(first, name));
      });

      test('knows whom the referral is about, and what the Task is of, when that is not said', async () => {
        const sent = asParameters(newReferral());
        for (const { name, resource } of sent.parameter as { name: string; resource: Element }[]) {
          if (name === 'referral') delete resource.subject;
          if (name === 'task') for (const member of ['focus', 'for']) delete resource[member];
        }
        await server.post('/ServiceRequest/$submit', sent).expect(200);
      });

      test('finds what is wrong in the Parameters', async () => {
        const bundle = newReferral();
        the(bundle, 'Patient').gender = 'neither';
        const { body } = await server.post('/ServiceRequest/$submit', asParameters(bundle)).expect(400);
        const at = bundle.entry.findIndex(({ resource }) => resource.resourceType === 'Patient');
        expect(issuesOf(body)).toContainEqual(
          expect.stringContaining(`Parameters.parameter[${at}].resource.gender`),
        );
      });

      test.each([
        ['no Parameters', { resourceType: 'Patient' }, 400],
        [
          'a parameter that there is not',
          { resourceType: 'Parameters', parameter: [{ name: 'x', valueCode: 'y' }] },
          400,
        ],
        ['no referral', { resourceType: 'Parameters', parameter: [] }, 422],
      ])('refuses %s', async (_, body, status) => {
        await server.post('/ServiceRequest/$submit', body).expect(status);
      });
    });

    describe('a document of the national form', () => {
      test('is kept as it was sent, beside the referral that it is filed as', async () => {
        const document = asDocument(newReferral());
        const { headers, body } = await server.post('/Bundle', document).expect(201);
        expect(body.entry).toEqual(document.entry);
        expect(headers.location).toMatch(/\/Bundle\/[^/]+\/_history\/1$/);
        expect(headers.link).toMatch(/\/ServiceRequest\/.*, <.*\/Task\//);
        const told = await server
          .post('/Bundle', asDocument(newReferral()))
          .set('Prefer', 'return=OperationOutcome')
          .expect(201);
        expect(told.body.issue[0].details.text).toMatch(/转诊已登记:ServiceRequest\/\S+, Task\//);
      });

      test('sent again is answered with the one on record; another under its identifier is refused', async () => {
        const document = asDocument(newReferral());
        const first = await server.post('/Bundle', document).expect(201);
        const again = await server.post('/Bundle', document).expect(200);
        expect(again.headers.location).toBe(first.headers.location);
        expect(again.headers.link).toBe(first.headers.link);
        const other = { ...asDocument(newReferral()), identifier: document.identifier };
        await server.post('/Bundle', other).expect(409);
      });

      test('is held to the form: without a section it is refused', async () => {
        const document = asDocument(newReferral(), allSections.slice(1));
        const { body } = await server.post('/Bundle', document);
        expect(errorsOf(body)).toContain('form-out');
        expect(await found(`/Bundle?identifier=${document.identifier.value}`)).toEqual([]);
      });

      test('that a server has printed is filed by another one', async () => {
        const bundle = newReferral();
        const { Task } = await accepted(bundle);
        const printed = (await server.get(`/Task/${Task}/$document`).expect(200)).body as Resource;
        const again = await server.post('/Bundle', printed).expect(201);
        expect(again.headers.link).toContain(`/Task/${Task}>`);
        // On a server that knows neither the patient nor the number, the document brings all that is needed.
        const [patient, other] = [the(bundle, 'Patient'), the(newReferral(), 'Patient')];
        const elsewhere = JSON.stringify(printed)
          .replaceAll(server.base, 'https://elsewhere.example/fhir')
          .replaceAll(numberOf(the(bundle, 'ServiceRequest')), `ELSEWHERE-${randomUUID()}`)
          .replaceAll(numberOf(patient), numberOf(other))
          .replaceAll(String(patient.birthDate), String(other.birthDate))
          .replaceAll(`"gender":"${patient.gender}"`, `"gender":"${other.gender}"`);
        const identifier = { system: 'urn:ietf:rfc:3986', value: `urn:uuid:${randomUUID()}` };
        const { body, status } = await server.post('/Bundle', { ...JSON.parse(elsewhere), identifier });
        expect({ status, issues: issuesOf(body) }).toEqual({ status: 201, issues: [] });
      });
    });

    test('other Bundles stay resources', async () => {
      const bundle = newReferral();
      const collection = {
        resourceType: 'Bundle',
        type: 'collection',
        entry: bundle.entry.map(({ fullUrl, resource }) => ({ fullUrl, resource })),
      };
      const { body, status } = await server.post('/Bundle', collection);
      expect({ status, issues: issuesOf(body) }).toEqual({ status: 201, issues: [] });
      expect(await found(`/ServiceRequest?identifier=${numberOf(the(bundle, 'ServiceRequest'))}`)).toEqual(
        [],
      );
    });
  },
  {},
  () => morning,
);
