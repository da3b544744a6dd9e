import { readFileSync } from 'node:fs';
import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Element, Resource } from '../../src/fhir/resource.ts';
import { onEachEngine, type TestServer } from '../environment/server.ts';
import { errorsOf, example, newReferral, the } from './referrals.ts';

const base = 'https://w3id.org/zhuanzhen';
const rules = `${base}/PlanDefinition/referral-rules`;
const extension = (name: string, value: Element) => ({
  url: `${base}/StructureDefinition/${name}`,
  ...value,
});
const off = extension('rule-enabled', { valueBoolean: false });
const severity = (code: string) => extension('rule-severity', { valueCode: code });
const threshold = (name: string, value: number, code: string) =>
  extension('rule-threshold', {
    extension: [
      { url: 'name', valueString: name },
      { url: 'value', valueQuantity: { value, unit: code, system: 'http://unitsofmeasure.org', code } },
    ],
  });

/** What a county says of one rule. */
function change(key: string, ...extensions: Element[]): Element {
  return {
    code: [{ coding: [{ system: `${base}/CodeSystem/referral-rule`, code: key }] }],
    ...(extensions.length > 0 && { extension: extensions }),
  };
}

/** A clock of PlanDefinition/referral-clocks: one action a priority. */
interface Clock {
  action: { timingDuration?: Element }[];
}

/** The code of a rule that only this county has. */
const ownCode = (code: string) => [{ coding: [{ system: 'https://yongan.example/CodeSystem/rule', code }] }];

function countyRules(...action: Element[]): Resource {
  return {
    resourceType: 'PlanDefinition',
    id: 'yongan-rules',
    url: 'https://yongan.example/PlanDefinition/rules',
    version: '2026-12',
    name: 'YonganRules',
    status: 'active',
    relatedArtifact: [{ type: 'derived-from', resource: rules }],
    action,
  };
}

/** Blood pressure 186/100, up as routine: breaks `up-htn-urgent` and nothing else. */
const severe = () => newReferral('invalid/02-severe-hypertension-routine');

onEachEngine((server) => {
  beforeAll(async () => {
    await server.post('/', example('community')).expect(200);
  });
  afterEach(async () => {
    for (const path of [
      '/PlanDefinition/yongan-rules',
      '/PlanDefinition/referral-rules',
      '/PlanDefinition/local-thresholds',
      '/ValueSet/township-disease-list',
      '/ValueSet/red-flag-symptoms',
      '/ObservationDefinition/plausible-systolic',
      '/PlanDefinition/referral-clocks',
    ])
      await server.delete(path);
  });

  const store = (resource: Resource) => server.put(`/${resource.resourceType}/${resource.id}`, resource);
  const submit = (bundle: object) => server.post('/', bundle);

  describe('a county', () => {
    test('switches a rule off, and on again by deleting what it stored', async () => {
      await submit(severe()).expect(422);
      await store(countyRules(change('up-htn-urgent', off))).expect(201);
      await submit(severe()).expect(200);
      await server.delete('/PlanDefinition/yongan-rules').expect(204);
      expect(errorsOf((await submit(severe()).expect(422)).body)).toEqual(['up-htn-urgent']);
    });

    test('changes a severity: what was refused is kept with a warning', async () => {
      await store(countyRules(change('up-htn-urgent', severity('warning')))).expect(201);
      const referral = await accepted(server, severe());
      const { body } = await server
        .get(`/DetectedIssue?implicated=ServiceRequest/${referral.id}`)
        .expect(200);
      expect(body.entry.map(({ resource }: { resource: Element }) => codeOf(resource))).toContain(
        'up-htn-urgent',
      );
    });

    test('changes a threshold, and the text says the new one', async () => {
      await store(countyRules(change('up-htn-urgent', threshold('systolic', 190, 'mm[Hg]')))).expect(201);
      await submit(severe()).expect(200);
      const digits = JSON.stringify(
        countyRules(change('up-htn-urgent', threshold('systolic', 185, 'mm[Hg]'))),
      ).replace('"value":185', '"value":185.0');
      await server
        .put('/PlanDefinition/yongan-rules')
        .set('Content-Type', 'application/fhir+json')
        .send(digits)
        .expect(200);
      const { body } = await submit(severe()).expect(422);
      expect(body.issue[0].details.text).toMatch(/血压≥185和\/或110mmHg.* \/ BP >=185 and\/or >=110/);
    });

    test('changes a duration', async () => {
      const stroke = () => {
        const bundle = newReferral('valid/03-stroke-within-window');
        Object.assign(the(bundle, 'ServiceRequest'), { priority: 'urgent' });
        return bundle;
      };
      expect(errorsOf((await submit(stroke()).expect(422)).body)).toEqual(['up-stroke']);
      await store(countyRules(change('up-stroke', threshold('window', 30, 'min')))).expect(201);
      await submit(stroke()).expect(200);
    });

    test('does several at once, as the example shows', async () => {
      const file = new URL('../../examples/county/rules.json', import.meta.url);
      const { body } = await store(JSON.parse(readFileSync(file, 'utf8'))).expect(201);
      expect(body.id).toBe('yongan-rules');
      const bundle = severe();
      delete the(bundle, 'Patient').telecom;
      const outcome = await submit(bundle).expect(422);
      expect(errorsOf(outcome.body).sort()).toEqual(['pat-contact', 'up-htn-urgent']);
      expect(outcome.text).toContain('血压≥170');
    });

    test('adds a rule of its own', async () => {
      const own = {
        ...change('yongan-urgent-only', severity('error')),
        code: ownCode('yongan-urgent-only'),
        title: '本县只收急诊转诊',
        textEquivalent: 'Only stat referrals here',
        trigger: [{ type: 'named-event', name: 'referral' }],
        input: [{ type: 'ServiceRequest' }],
        condition: [
          {
            kind: 'start',
            expression: { language: 'text/fhirpath', expression: "priority = 'stat'" },
          },
        ],
      };
      await store(countyRules(own)).expect(201);
      expect(errorsOf((await submit(newReferral()).expect(422)).body)).toEqual(['yongan-urgent-only']);
      await submit(newReferral('valid/02-hypertensive-emergency')).expect(200);
    });

    test('replaces a disease list, and the symptoms of an emergency', async () => {
      const list = await server.get('/ValueSet/township-disease-list');
      const ofOwnTier = () => newReferral('invalid/04-disease-of-own-tier');
      expect(errorsOf((await submit(ofOwnTier()).expect(422)).body)).toEqual(['up-own-level']);
      await store(withCodes(list.body, 'J20.9', 'M54')).expect(201);
      await submit(ofOwnTier()).expect(200);
      await store(withCodes(list.body, 'I10.x00')).expect(200);
      await submit(ofOwnTier()).expect(422);

      const symptoms = await server.get('/ValueSet/red-flag-symptoms');
      await submit(newReferral('valid/02-hypertensive-emergency')).expect(200);
      await store(withCodes(symptoms.body, 'R40')).expect(201);
      const { body } = await submit(newReferral('valid/02-hypertensive-emergency')).expect(422);
      expect(errorsOf(body)).toEqual(['up-htn-emergency']);
    });

    test('stores its own rules in the place of those that came with the server', async () => {
      const { body: all } = await server.get('/PlanDefinition/referral-rules').expect(200);
      const action = all.action.filter(({ id }: Element) => id !== 'up-htn-urgent');
      await store({ ...all, version: '1.0-yongan', action }).expect(201);
      const referral = await accepted(server, severe());
      expect(judgedBy(referral)).toEqual([[`${rules}|1.0-yongan`, expect.stringMatching(/^\d+$/)]]);
      await server.delete('/PlanDefinition/referral-rules').expect(204);
      await submit(severe()).expect(422);
    });

    test('puts the thresholds of its plan in force by storing them as active', async () => {
      const breathless = () => {
        const bundle = newReferral('valid/01-routine-up-hypertension');
        const saturation = {
          resourceType: 'Observation',
          status: 'final',
          category: [
            {
              coding: [
                {
                  system: 'http://terminology.hl7.org/CodeSystem/observation-category',
                  code: 'vital-signs',
                },
              ],
            },
          ],
          code: {
            coding: ['2708-6', '59408-5'].map((code) => ({ system: 'http://loinc.org', code })),
          },
          subject: the(bundle, 'ServiceRequest').subject,
          effectiveDateTime: the(bundle, 'ServiceRequest').authoredOn,
          valueQuantity: { value: 86, unit: '%', system: 'http://unitsofmeasure.org', code: '%' },
        };
        bundle.entry.push({ resource: saturation, request: { method: 'POST', url: 'Observation' } });
        return bundle;
      };
      await submit(breathless()).expect(200);
      const { body: plan } = await server.get('/PlanDefinition/local-thresholds').expect(200);
      expect(plan.status).toBe('draft');
      await store({ ...plan, status: 'active' }).expect(201);
      const { body } = await submit(breathless()).expect(422);
      expect(errorsOf(body)).toEqual(['up-vital']);
      expect(body.issue[0].diagnostics).toContain('86 %');
    });
  });

  describe('what can be true is data:', () => {
    const systolic = async (high: number) => {
      const { body } = await server.get('/ObservationDefinition/plausible-systolic').expect(200);
      body.qualifiedInterval[0].range.high.value = high;
      return body as Resource;
    };

    test('a county that draws a range closer has a value refused that was taken before, and back again', async () => {
      await store(countyRules(change('up-htn-urgent', off))).expect(201);
      await submit(severe()).expect(200);
      await store(await systolic(180)).expect(201);
      const { body } = await submit(severe()).expect(422);
      expect(errorsOf(body)).toEqual(['obs-plausible']);
      await server.delete('/ObservationDefinition/plausible-systolic').expect(204);
      await submit(severe()).expect(200);
    });

    test('a range without sense is refused, and the one in force stays', async () => {
      const definition = await systolic(250);
      const [interval] = definition.qualifiedInterval as { range: Element }[];
      delete interval!.range.high;
      const { body } = await store(definition).expect(422);
      expect(body.issue[0].expression).toEqual(['ObservationDefinition.qualifiedInterval[0].range']);
    });
  });

  describe('times that cannot be counted are refused:', () => {
    test.each<[string, (clocks: Resource) => void, string]>([
      [
        'no time at all',
        ({ action }) => delete (action as Clock[])[0]!.action[0]!.timingDuration,
        'PlanDefinition.action[0].action[0].timingDuration',
      ],
      [
        'a time that is over before it starts',
        ({ action }) => Object.assign((action as Clock[])[0]!.action[1]!.timingDuration!, { value: -1 }),
        'PlanDefinition.action[0].action[1].timingDuration',
      ],
      [
        'weeks',
        ({ action }) => Object.assign((action as Clock[])[0]!.action[0]!.timingDuration!, { code: 'wk' }),
        'PlanDefinition.action[0].action[0].timingDuration',
      ],
      [
        'a clock that there is not',
        ({ action }) => Object.assign((action as Clock[])[1]!, { id: 'answr' }),
        'PlanDefinition.action[1].id',
      ],
      [
        'another plan under this name',
        (clocks) => Object.assign(clocks, { url: 'https://yongan.example/PlanDefinition/clocks' }),
        'PlanDefinition.url',
      ],
    ])('%s', async (_, spoil, place) => {
      const { body: clocks } = await server.get('/PlanDefinition/referral-clocks').expect(200);
      spoil(clocks);
      const { body } = await store(clocks).expect(422);
      expect(body.issue.map(({ expression }: Element) => expression)).toEqual([[place]]);
    });
  });

  describe('each referral says by which version it was judged', () => {
    test('by the rules that came with the server, also where nothing is to be said of it', async () => {
      const referral = await accepted(server, newReferral());
      const [[definition, versionId], ...others] = judgedBy(referral) as [[string, string]];
      expect(others).toEqual([]);
      expect(definition).toMatch(/PlanDefinition\/referral-rules\|\d/);
      const { body } = await server.get(`/PlanDefinition/referral-rules/_history/${versionId}`).expect(200);
      expect(`${body.url}|${body.version}`).toBe(definition);
    });

    test('and by what the county has stored of rules and lists, in the version of that moment', async () => {
      const { body: first } = await store(countyRules(change('up-evidence', off))).expect(201);
      const referral = await accepted(server, newReferral());
      expect(judgedBy(referral)).toContainEqual([
        'https://yongan.example/PlanDefinition/rules|2026-12',
        first.meta.versionId,
      ]);
      const list = await server.get('/ValueSet/township-disease-list');
      await store(withCodes(list.body, 'M54')).expect(201);
      const { body: second } = await store(countyRules(change('up-evidence', severity('error')))).expect(200);
      expect(second.meta.versionId).not.toBe(first.meta.versionId);
      expect(judgedBy(await accepted(server, newReferral())).map(([definition]) => definition)).toEqual([
        expect.stringContaining('/PlanDefinition/referral-rules|'),
        'https://yongan.example/PlanDefinition/rules|2026-12',
        expect.stringContaining('/ValueSet/township-disease-list|'),
      ]);
      expect(judgedBy((await server.get(`/ServiceRequest/${referral.id}`)).body)).toEqual(judgedBy(referral));
    });

    test('whatever its client writes there, and a correction by those of its own moment', async () => {
      const referral = await accepted(server, newReferral());
      const { extension: said, ...without } = referral;
      const { body: same } = await server.put(`/ServiceRequest/${referral.id}`, without).expect(200);
      expect(judgedBy(same)).toEqual(judgedBy(referral));
      await store(countyRules(change('up-evidence', off))).expect(201);
      const forged = { ...referral, extension: [...(said as Element[]).slice(0, 0)], priority: 'urgent' };
      const { extension: _, ...corrected } = forged;
      const { body } = await server.put(`/ServiceRequest/${referral.id}`, corrected).expect(200);
      expect(judgedBy(body)).toHaveLength(2);
    });

    test('which does not make it another referral when it is sent again', async () => {
      const bundle = newReferral();
      await submit(bundle).expect(200);
      await store(countyRules(change('up-evidence', off))).expect(201);
      const { body } = await submit(bundle).expect(200);
      expect(body.entry.every(({ response }: { response: Element }) => response.status === '200')).toBe(true);
    });
  });

  describe('what could not be applied is refused, and the rules stay as they were:', () => {
    const expression = (text: string) => ({
      condition: [{ kind: 'start', expression: { language: 'text/fhirpath', expression: text } }],
    });
    test.each<[string, Element, string, RegExp]>([
      [
        'an expression that is none',
        { ...change('up-htn-urgent'), ...expression('priority = ') },
        'PlanDefinition.action[0].condition[0].expression',
        /无法编译.*cannot be compiled/,
      ],
      [
        'an unknown function',
        { ...change('up-htn-urgent'), ...expression('priority.isHigh()') },
        'PlanDefinition.action[0].condition[0].expression',
        /isHigh/,
      ],
      [
        'an unknown variable',
        { ...change('up-htn-urgent'), ...expression('%patient.exists()') },
        'PlanDefinition.action[0].condition[0].expression',
        /%patient/,
      ],
      [
        'an unknown threshold',
        change('up-htn-urgent', threshold('sistolic', 170, 'mm[Hg]')),
        'PlanDefinition.action[0].extension',
        /sistolic.*systolic, diastolic/,
      ],
      [
        'a threshold in another unit',
        change('up-htn-urgent', threshold('systolic', 24, 'kPa')),
        'PlanDefinition.action[0].extension',
        /mm\[Hg\]/,
      ],
      [
        'an unknown rule',
        { code: ownCode('up-htn-urgnt'), extension: [off] },
        'PlanDefinition.action[0].code',
        /up-htn-urgnt/,
      ],
    ])('%s', async (_, action, place, reason) => {
      const { body } = await store(countyRules(action)).expect(422);
      expect(body.issue).toHaveLength(1);
      expect(body.issue[0].expression).toEqual([place]);
      expect(body.issue[0].details.text).toMatch(reason);
      expect((await server.get('/PlanDefinition?_id=yongan-rules')).body.entry).toBeUndefined();
      await submit(severe()).expect(422);
      await submit(newReferral()).expect(200);
    });

    test('a severity that there is not, by its own profile', async () => {
      await store(countyRules(change('up-htn-urgent', severity('grave')))).expect(400);
    });

    test('a draft may be unfinished, and is not in force', async () => {
      const draft = countyRules({ ...change('up-htn-urgent'), ...expression('priority = ') });
      await store({ ...draft, status: 'draft' }).expect(201);
      await submit(severe()).expect(422);
      await store(draft).expect(422);
    });

    test('rules under the name of others, and a list that lists nothing', async () => {
      const { body: all } = await server.get('/PlanDefinition/referral-rules').expect(200);
      await store({ ...all, url: 'https://yongan.example/PlanDefinition/all' }).expect(422);
      const { body: list } = await server.get('/ValueSet/township-disease-list').expect(200);
      const compose = { include: [{ system: 'urn:oid:2.16.156.10011.2.3.3.11.3' }] };
      await store({ ...list, compose }).expect(422);
    });

    test('a deletion that others depend on', async () => {
      const { body: all } = await server.get('/PlanDefinition/referral-rules').expect(200);
      const own = { ...all.action[0], id: 'yongan-own', code: ownCode('yongan-own') };
      await store({ ...all, action: [...all.action, own] }).expect(201);
      await store(countyRules({ ...change('', severity('warning')), code: ownCode('yongan-own') })).expect(
        201,
      );
      const { body } = await server.delete('/PlanDefinition/referral-rules').expect(422);
      expect(body.issue[0].details.text).toContain('yongan-rules');
    });
  });
});

async function accepted(server: TestServer, bundle: object): Promise<Resource> {
  const { body } = await server.post('/', bundle).expect(200);
  const [location] = body.entry.flatMap(({ response }: { response: { location: string } }) =>
    response.location.includes('/ServiceRequest/') ? response.location : [],
  );
  const [, id] = /ServiceRequest\/([^/]+)/.exec(location)!;
  return (await server.get(`/ServiceRequest/${id}`).expect(200)).body;
}

/** The definitions that a referral names, with their versions. */
function judgedBy(referral: Resource): [string, string][] {
  return ((referral.extension ?? []) as Element[])
    .filter(({ url }) => url === `${base}/StructureDefinition/judged-by`)
    .map((each) => {
      const [definition, versionId] = each.extension as Element[];
      return [String(definition!.valueCanonical), String(versionId!.valueId)];
    });
}

function codeOf(issue: Element): string {
  return ((issue.code as Element).coding as { code: string }[])[0]!.code;
}

function withCodes(list: Resource, ...codes: string[]): Resource {
  const include = [{ system: 'urn:oid:2.16.156.10011.2.3.3.11.3', concept: codes.map((code) => ({ code })) }];
  return { ...list, compose: { include } };
}
