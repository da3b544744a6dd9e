import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Resource } from '../../src/fhir/resource.ts';
import { onEachEngine } from '../environment/server.ts';
import {
  example,
  newReferral,
  numberOf,
  type ReferralBundle,
  referring,
  replaced,
  the,
  without,
} from './referrals.ts';

const severe = 'invalid/02-severe-hypertension-routine';

/** The bundle with its resources under ids that the client chose. */
function underOwnIds(bundle: ReferralBundle, prefix: string): ReferralBundle {
  const places = bundle.entry.map(({ resource }, index) => `${resource.resourceType}/${prefix}-${index}`);
  const urls = bundle.entry.map(({ fullUrl }, index) => [fullUrl!, places[index]!]);
  return {
    ...bundle,
    entry: replaced(bundle, Object.fromEntries(urls)).entry.map(({ resource }, index) => ({
      resource: { ...resource, id: `${prefix}-${index}` },
      request: { method: 'PUT', url: places[index]! },
    })),
  };
}

/** Several referrals in one bundle. */
function together(...bundles: ReferralBundle[]): ReferralBundle {
  const entry = bundles.flatMap((bundle, n) => {
    const urls = bundle.entry.map(({ fullUrl }, m) => [
      fullUrl!,
      `urn:uuid:${n}0000000-0000-4000-8000-${String(m).padStart(12, '0')}`,
    ]);
    return replaced(bundle, Object.fromEntries(urls)).entry;
  });
  return { ...bundles[0]!, entry };
}

onEachEngine((server) => {
  const { accepted, read, refused } = referring(server);
  beforeAll(async () => {
    await server.post('/', example('community')).expect(200);
  });

  const shapes: [string, (bundle: ReferralBundle, name: string) => ReferralBundle][] = [
    ['with its entries in another order', (bundle) => ({ ...bundle, entry: bundle.entry.toReversed() })],
    [
      'that refers to institutions by absolute URLs of this server',
      (bundle) =>
        replaced(bundle, {
          '"reference":"Organization/': `"reference":"${server.base}/Organization/`,
          '"reference":"PractitionerRole/': `"reference":"${server.base}/PractitionerRole/`,
        }),
    ],
    ['under ids that the client chose', underOwnIds],
    [
      'under fullUrls of the hospital’s own system',
      (bundle) =>
        replaced(
          bundle,
          Object.fromEntries(
            bundle.entry.map(({ fullUrl, resource }, n) => [
              fullUrl!,
              `https://his.example/fhir/${resource.resourceType}/${n}`,
            ]),
          ),
        ),
    ],
    [
      'without profiles named',
      (bundle) => ({
        ...bundle,
        entry: bundle.entry.map(({ resource: { meta: _, ...resource }, ...entry }) => ({
          ...entry,
          resource: resource as Resource,
        })),
      }),
    ],
    [
      'together with others',
      (bundle) => together(newReferral(), bundle, newReferral('valid/08-village-to-township')),
    ],
  ];

  describe.each(shapes)('a referral %s', (name, shaped) => {
    const prefix = `shape-${name.length}`;

    test('is accepted when it is right', async () => {
      const { ServiceRequest } = await accepted(shaped(newReferral(), `${prefix}-valid`));
      expect((await read('ServiceRequest', ServiceRequest!)).status).toBe('active');
    });

    test.each([
      ['invalid/01-bypasses-lead-hospital', 'up-lead-first'],
      [severe, 'up-htn-urgent'],
      ['invalid/15-business-status-out-of-step', 'task-business-status'],
      ['invalid/19-obstetric-diagnosis-of-a-man', 'dx-sex'],
    ])('is refused as %s by %s', async (example, rule) => {
      const bundle = newReferral(example);
      if (rule === 'dx-sex') the(bundle, 'Patient').gender = 'male';
      expect(await refused(shaped(bundle, `${prefix}-${rule}`))).toContain(rule);
    });
  });

  test('of several referrals in one bundle each is judged by its own patient', async () => {
    const bundle = together(newReferral(), newReferral(severe), newReferral('invalid/20-without-consent'));
    const { body } = await server.post('/', bundle).expect(422);
    const requests = bundle.entry.flatMap(({ resource }, index) =>
      resource.resourceType === 'ServiceRequest' ? index : [],
    );
    const errors = body.issue.filter(({ severity }: { severity: string }) => severity === 'error');
    expect(
      errors.map((issue: { details: { coding: { code: string }[] }; expression: string[] }) => [
        issue.details.coding[0]!.code,
        issue.expression[0],
      ]),
    ).toEqual([
      ['up-htn-urgent', `Bundle.entry[${requests[1]}].resource.priority`],
      ['doc-consent', `Bundle.entry[${requests[2]}].resource.supportingInfo`],
    ]);
  });

  describe('a referral of a patient who is on record', () => {
    test.each<[string, (id: string, patient: Resource) => string]>([
      ['by id', (id) => `Patient/${id}`],
      ['by URL', (id) => `${server.base}/Patient/${id}`],
      [
        'by the resident id',
        (_, patient) => `Patient?identifier=urn:oid:2.16.156.10011.1.3|${numberOf(patient)}`,
      ],
    ])('may name the patient %s', async (_, reference) => {
      const send = async (bundle: ReferralBundle) => {
        const [entry] = bundle.entry;
        const { body } = await server.post('/Patient', entry!.resource).expect(201);
        return replaced(
          { ...bundle, entry: bundle.entry.slice(1) },
          { [entry!.fullUrl!]: reference(body.id, entry!.resource) },
        );
      };
      await accepted(await send(newReferral()));
      expect(await refused(await send(newReferral('invalid/20-without-consent')))).toEqual(['doc-consent']);
      expect(await refused(await send(newReferral(severe)))).toEqual(['up-htn-urgent']);
    });

    /** Stores what a bundle brings of a type, with a time; gives the rest of it, with references to what is stored. */
    async function recorded(bundle: ReferralBundle, types: string[], time?: string): Promise<ReferralBundle> {
      let rest = bundle;
      for (const type of types) {
        for (const { fullUrl, resource } of rest.entry.filter(
          (entry) => entry.resource.resourceType === type,
        )) {
          const { encounter: _, ...alone } = resource;
          const { body } = await server
            .post(`/${type}`, {
              ...alone,
              ...(time && type === 'Observation' && { effectiveDateTime: time }),
            })
            .expect(201);
          rest = replaced(
            { ...rest, entry: rest.entry.filter((entry) => entry.fullUrl !== fullUrl) },
            { [fullUrl!]: `${type}/${body.id}` },
          );
        }
      }
      return rest;
    }

    test('is judged by the blood pressure of the last days, also when it does not mention it', async () => {
      const rest = await recorded(newReferral(severe), ['Patient', 'Observation']);
      delete the(rest, 'ServiceRequest').supportingInfo;
      expect(await refused(rest)).toEqual(['up-htn-urgent']);
    });

    test('is judged by an older blood pressure only when it refers to it', async () => {
      const rest = await recorded(
        newReferral(severe),
        ['Patient', 'Observation'],
        '2026-01-05T09:00:00+08:00',
      );
      expect(await refused(rest)).toEqual(['up-htn-urgent']);
      delete the(rest, 'ServiceRequest').supportingInfo;
      await accepted(rest);
    });

    test('needs no new consent when one is in force', async () => {
      await accepted(await recorded(newReferral(), ['Patient', 'Consent']));
    });

    test('may refer to a diagnosis on record, which is judged, too', async () => {
      await accepted(await recorded(newReferral(), ['Patient', 'Condition']));
      const free = await recorded(newReferral('invalid/07-diagnosis-as-free-text'), ['Patient', 'Condition']);
      expect(await refused(free)).toEqual(['dx-icd-form']);
    });
  });

  test('a blood pressure of another patient, or entered in error, does not count', async () => {
    const other = newReferral(severe);
    for (const { resource } of other.entry)
      if (resource.resourceType === 'Observation') resource.subject = { reference: 'Patient/somebody-else' };
    delete the(other, 'ServiceRequest').supportingInfo;
    await accepted(other);
    const error = newReferral(severe);
    for (const { resource } of error.entry)
      if (resource.resourceType === 'Observation') resource.status = 'entered-in-error';
    await accepted(error);
  });

  test.each<[string, string[], number]>([
    ['the encounter', ['Encounter'], 200],
    ['the observations', ['Observation'], 200],
    ['the medicines', ['MedicationRequest'], 200],
    ['the task', ['Task'], 200],
    ['the consent', ['Consent'], 422],
    ['the diagnosis', ['Condition'], 422],
  ])('a referral without %s', async (_, types, status) => {
    await server.post('/', without(newReferral(), ...types)).expect(status);
  });

  test('a Task that follows its referral later is judged as well', async () => {
    const bundle = newReferral();
    const task = the(bundle, 'Task');
    const { ServiceRequest, Patient } = await accepted(without(bundle, 'Task'));
    const later = {
      ...task,
      focus: { reference: `ServiceRequest/${ServiceRequest}` },
      for: { reference: `Patient/${Patient}` },
    };
    const { businessStatus: _, meta: __, ...unmarked } = later as Resource;
    await server
      .post('/Task', { ...unmarked, owner: { reference: 'Organization/linjiang-municipal-hospital' } })
      .expect(422);
    await server.post('/Task', { ...unmarked, status: 'accepted' }).expect(422);
    await server.post('/Task', later).expect(201);
  });
});
