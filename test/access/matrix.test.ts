import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Actor } from '../../src/interactions/actor.ts';
import { example, newReferral, numberOf, type ReferralBundle, the } from '../api/referrals.ts';
import { onEachEngine } from '../environment/server.ts';
import { type Answered, asking, at, consentOf, recipient } from './asking.ts';

/** Who asks, by what they are to the referral, which the township sent to the county hospital, and that on to the city's. */
const actors: Record<string, Actor> = {
  author: at('qingshi-health-centre'),
  addressee: at('linjiang-municipal-hospital'),
  formerAddressee: at('yongan-county-hospital'),
  sameAlliance: at('baiyun-health-centre'),
  stranger: at('elsewhere'),
  office: { organization: 'Organization/yongan-alliance', roles: ['alliance-office'] },
  otherOffice: { organization: 'Organization/other-alliance', roles: ['alliance-office'] },
  familyDoctor: { organization: 'Organization/shiqiao-clinic', roles: ['family-doctor'] },
  sameHouseNoFamilyDoctor: at('shiqiao-clinic'),
  denied: at('hekou-health-centre'),
  system: { roles: [], isSystem: true },
  insurer: { organization: 'Organization/insurer', roles: ['insurer'] },
  platform: { organization: 'Organization/platform', roles: ['platform'] },
  administrator: { roles: ['administrator'] },
  administratorOfTheAuthor: { organization: 'Organization/qingshi-health-centre', roles: ['administrator'] },
  smallScope: {
    ...at('qingshi-health-centre'),
    scopes: [{ context: 'system', type: 'Slot', permissions: 'rs' }],
  },
};
const mayRead = new Set(['author', 'addressee', 'formerAddressee', 'office', 'familyDoctor']);

/** The types that the referral brings. */
const types = [
  'Patient',
  'ServiceRequest',
  'Task',
  'Condition',
  'Observation',
  'MedicationRequest',
  'Consent',
  'Encounter',
];

onEachEngine(
  (server) => {
    const ids: Record<string, string> = {};
    let bundle: ReferralBundle;
    let identifier: string;
    const ask = (
      who: string,
      method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
      url: string,
      body?: object,
      more = {},
    ) => asking(server, actors[who]!, method, url, body, more);

    beforeAll(async () => {
      expect((await ask('system', 'POST', '/', example('community'))).status).toBe(200);
      bundle = newReferral();
      the(bundle, 'Patient').generalPractitioner = [{ reference: 'PractitionerRole/shi-guilan-shiqiao' }];
      identifier = numberOf(the(bundle, 'Patient'));
      const sent = await ask('author', 'POST', '/', bundle);
      expect(sent.status).toBe(200);
      for (const resource of sent.shown) {
        const [type, id] = resource.split('/') as [string, string];
        ids[type] ??= id;
      }
      const redirected = await ask('formerAddressee', 'POST', `/Task/${ids.Task}/$redirect`, {
        resourceType: 'Parameters',
        parameter: [
          { name: 'receiver', valueReference: { reference: 'Organization/linjiang-municipal-hospital' } },
          { name: 'reason', valueCodeableConcept: { text: '超出诊疗能力' } },
        ],
      });
      expect([redirected.status, redirected.text]).toEqual([200, expect.stringContaining('linjiang')]);
      const consulted = await ask('system', 'POST', '/Task', {
        resourceType: 'Task',
        status: 'requested',
        intent: 'order',
        code: { text: '会诊' },
        basedOn: [{ reference: `ServiceRequest/${ids.ServiceRequest}` }],
        for: { reference: `Patient/${ids.Patient}` },
        requester: { reference: 'Organization/qingshi-health-centre' },
        owner: { reference: 'Organization/hekou-health-centre' },
      });
      expect([consulted.status, consulted.text]).toEqual([201, expect.anything()]);
      expect((await ask('denied', 'GET', `/Patient/${ids.Patient}`)).status).toBe(200);
      const denial = await ask(
        'author',
        'POST',
        '/Consent',
        consentOf(`Patient/${ids.Patient}`, { type: 'deny', actor: [recipient('hekou-health-centre')] }),
      );
      expect(denial.status).toBe(201);
    });

    /** Each way of asking, and whether it showed what was asked for. */
    const ways: Record<string, (who: string, type: string) => Promise<boolean>> = {
      read: async (who, type) => shows(await ask(who, 'GET', `/${type}/${ids[type]}`), type),
      vread: async (who, type) => shows(await ask(who, 'GET', `/${type}/${ids[type]}/_history/1`), type),
      'history of one': async (who, type) =>
        shows(await ask(who, 'GET', `/${type}/${ids[type]}/_history`), type),
      'history of the type': async (who, type) =>
        shows(await ask(who, 'GET', `/${type}/_history?_count=1000`), type),
      'history of all': async (who, type) => shows(await ask(who, 'GET', '/_history?_count=1000'), type),
      'search by id': async (who, type) => shows(await ask(who, 'GET', `/${type}?_id=${ids[type]}`), type),
      'search of all': async (who, type) => shows(await ask(who, 'GET', `/${type}?_count=500`), type),
      'search by POST': async (who, type) =>
        shows(await ask(who, 'POST', `/${type}/_search?_id=${ids[type]}`), type),
      'sorted search': async (who, type) =>
        shows(await ask(who, 'GET', `/${type}?_sort=_lastUpdated&_count=500`), type),
      'negated search': async (who, type) =>
        shows(await ask(who, 'GET', `/${type}?_id:not=nobody&_count=500`), type),
      'search of the system': async (who, type) =>
        shows(await ask(who, 'GET', `/?_type=${type}&_count=500`), type),
      'filter expression': async (who, type) =>
        shows(await ask(who, 'GET', `/${type}?_filter=${encodeURIComponent(`_id eq ${ids[type]}`)}`), type),
      'text search': async (who, type) =>
        shows(
          await ask(who, 'GET', `/${type}?_content=${encodeURIComponent(words[type]!)}&_count=500`),
          type,
        ),
      total: async (who, type) =>
        ((await ask(who, 'GET', `/${type}?_id=${ids[type]}&_summary=count`)).body.total as
          | number
          | undefined) === 1,
      'chain to the patient': async (who, type) =>
        shows(await ask(who, 'GET', `/${type}?${subject(type)}.identifier=${identifier}`), type),
      compartment: async (who, type) => shows(await ask(who, 'GET', `/Patient/${ids.Patient}/${type}`), type),
      everything: async (who, type) =>
        shows(await ask(who, 'GET', `/Patient/${ids.Patient}/$everything`), type),
      include: async (who, type) =>
        shows(await ask(who, 'GET', `/Task?_id=${ids.Task}&_include=*&_include:iterate=*`), type),
      revinclude: async (who, type) =>
        shows(await ask(who, 'GET', `/Patient?_id=${ids.Patient}&_revinclude=*`), type),
      'referral history': async (who, type) =>
        shows(
          await ask(
            who,
            'GET',
            `/Patient/$referral-history?identifier=urn:oid:2.16.156.10011.1.3|${identifier}`,
          ),
          type,
        ),
      ledger: async (who, type) =>
        shows(await ask(who, 'GET', '/$ledger?start=2020-01-01&end=2099-12-31'), type),
      'entry of a batch': async (who, type) =>
        shows(
          await ask(who, 'POST', '/', bundleOf('batch', { method: 'GET', url: `${type}/${ids[type]}` })),
          type,
        ),
      'entry of a transaction': async (who, type) =>
        shows(
          await ask(
            who,
            'POST',
            '/',
            bundleOf('transaction', { method: 'GET', url: `${type}/${ids[type]}` }),
          ),
          type,
        ),
      meta: async (who, type) => (await ask(who, 'GET', `/${type}/${ids[type]}/$meta`)).status === 200,
    };
    /** What stands in the text of each. */
    const words: Record<string, string> = {
      Patient: '王秀兰',
      ServiceRequest: '规律服用',
      Task: '转上级',
      Condition: '高血压',
      Observation: '血压',
      MedicationRequest: '晨起口服',
      Consent: '知情同意书',
      Encounter: 'ambulatory',
    };
    /** What each way cannot show of a type to anybody. */
    const blind: Record<string, readonly string[]> = {
      'chain to the patient': ['Patient'],
      compartment: ['Task'],
      everything: ['Task'],
      ledger: ['Observation', 'MedicationRequest', 'Consent', 'Encounter'],
      include: ['Consent'],
      revinclude: ['Patient'],
      'referral history': ['Consent', 'Observation', 'MedicationRequest', 'Encounter'],
    };
    const subject = (type: string) => (type === 'Patient' ? 'link' : 'patient');
    const shows = ({ shown, text }: Answered, type: string) => {
      const isShown = shown.includes(`${type}/${ids[type]}`);
      if (!isShown && text.includes(ids[type]!))
        throw new Error(`told of, not shown: ${type} in ${text.slice(0, 300)}`);
      return isShown;
    };

    describe.each(Object.keys(actors).filter((who) => who !== 'system'))('who is %s', (who) => {
      test.each(Object.keys(ways))('asking by %s sees what is due, and nothing else', async (way) => {
        const seen: string[] = [];
        for (const type of types) {
          try {
            if (await ways[way]!(who, type)) seen.push(type);
          } catch (error) {
            // A refusal quotes the address that was asked for, which the client knows.
            if (!String(error).includes(`/${ids[type]}`) && !String(error).includes('[{')) throw error;
          }
        }
        const due = mayRead.has(who) ? types.filter((type) => !blind[way]?.includes(type)) : [];
        if (mayRead.has(who)) expect(seen).toEqual(expect.arrayContaining(due));
        else expect(seen).toEqual([]);
      });

      test('the history of what is seen has all of its versions', async () => {
        const versions = async (asker: string) => {
          const { body } = await ask(asker, 'GET', `/Task/${ids.Task}/_history`);
          return ((body.entry ?? []) as { response: { etag: string } }[]).map(
            ({ response }) => response.etag,
          );
        };
        const all = await versions('system');
        expect(all.length).toBeGreaterThan(1);
        expect(await versions(who)).toEqual(mayRead.has(who) ? all : []);
        const replaced = await ask(who, 'GET', `/Task/${ids.Task}/_history/1`);
        expect(replaced.status).toBe(mayRead.has(who) ? 200 : who === 'smallScope' ? 403 : 404);
      });

      test('a condition on another resource is met by what may be seen alone', async () => {
        const patient = `urn:oid:2.16.156.10011.1.3|${identifier}`;
        const has = await ask(who, 'GET', `/Organization?_has:Task:owner:patient.identifier=${patient}`);
        const chained = await ask(
          who,
          'GET',
          `/Practitioner?_has:PractitionerRole:practitioner:_has:ServiceRequest:requester:patient.identifier=${patient}`,
        );
        expect([has.shown.length > 0, chained.shown.length > 0]).toEqual([
          mayRead.has(who),
          mayRead.has(who),
        ]);
      });

      test('changes nothing that is another organization’s', async () => {
        if (who === 'author' || who === 'smallScope') return;
        for (const type of types) {
          if (type === 'Task') continue;
          const before = (await ask('system', 'GET', `/${type}/${ids[type]}`)).body;
          const expected = mayRead.has(who) ? [403, 409] : [403, 404];
          const put = await ask(who, 'PUT', `/${type}/${ids[type]}`, before);
          expect(expected).toContain(put.status);
          const patch = await ask(who, 'PATCH', `/${type}/${ids[type]}`, undefined, {
            body: [{ op: 'add', path: '/language', value: 'zh' }],
            contentType: 'application/json-patch+json',
          });
          expect(patch.status).toBeGreaterThanOrEqual(400);
          const gone = await ask(who, 'DELETE', `/${type}/${ids[type]}`);
          if (mayRead.has(who)) expect(gone.status).toBeGreaterThanOrEqual(400);
          const conditional = await ask(who, 'DELETE', `/${type}?_id=${ids[type]}`);
          if (mayRead.has(who)) expect(conditional.status).toBeGreaterThanOrEqual(400);
          const after = (await ask('system', 'GET', `/${type}/${ids[type]}`)).body;
          expect(after).toEqual(before);
        }
      });

      test('a conditional create tells nothing of what is not to be seen', async () => {
        const created = await ask(
          who,
          'POST',
          '/Patient',
          { ...the(bundle, 'Patient'), name: [{ text: '某' }] },
          {
            ifNoneExist: `identifier=urn:oid:2.16.156.10011.1.3|${identifier}`,
          },
        );
        const found = created.status === 200;
        expect(found).toBe(mayRead.has(who));
        if (!mayRead.has(who)) expect(created.text).not.toContain(ids.Patient);
        const [made] = found ? [] : created.shown;
        if (made) await ask('system', 'DELETE', `/${made}`);
      });
    });
  },
  { AUTH: 'on' },
);

function bundleOf(type: string, ...requests: { method: string; url: string }[]): object {
  return { resourceType: 'Bundle', type, entry: requests.map((request) => ({ request })) };
}
