import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Element, Resource } from '../../src/fhir/resource.ts';
import { answerIn, asMessage, type MessageBundle, message, taskOf } from '../api/messages.ts';
import { example, newReferral, type ReferralBundle } from '../api/referrals.ts';
import { apiKey, clientDevice, given } from '../environment/access.ts';
import { onEachEngine } from '../environment/server.ts';
import { asking, at } from './asking.ts';

const township = at('qingshi-health-centre');
const hospital = at('yongan-county-hospital');
const stranger = at('hekou-health-centre');

onEachEngine(
  (server) => {
    beforeAll(async () => {
      await asking(server, { roles: [], isSystem: true }, 'POST', '/', example('community'));
    });
    const send = async (who: typeof township, sent: MessageBundle) => {
      const { status, body } = await asking(server, who, 'POST', '/$process-message', sent);
      return { status, ...answerIn(body as MessageBundle) };
    };
    const received = (bundle: ReferralBundle) =>
      message('referral-response', [taskOf(bundle, { status: 'received' })]);

    describe('a message is judged for whom it is sent', () => {
      test('the sender sends, the receiver answers', async () => {
        const bundle = newReferral();
        expect(await send(township, asMessage(bundle))).toMatchObject({
          status: 200,
          response: { code: 'ok' },
        });
        const answer = await send(hospital, received(bundle));
        expect(answer).toMatchObject({ status: 200, response: { code: 'ok' } });
        expect(answer.others.at(-1)).toMatchObject({ resourceType: 'Task', status: 'received' });
      });

      test('who is no party does not find the referral, and writes none in another`s name', async () => {
        const bundle = newReferral();
        await send(township, asMessage(bundle));
        const answer = await send(stranger, received(bundle));
        expect(answer).toMatchObject({ status: 404, response: { code: 'fatal-error' }, others: [] });
        expect((await send(stranger, asMessage(newReferral()))).status).toBe(403);
      });

      test.each(['sender', 'author', 'responsible'])(
        'MessageHeader.%s is of the own organization',
        async (member) => {
          const reference =
            member === 'sender'
              ? 'Organization/qingshi-health-centre'
              : 'PractitionerRole/chen-lixin-qingshi';
          const header = { [member]: { reference } };
          expect((await send(hospital, asMessage(newReferral(), header))).status).toBe(403);
          expect((await send(township, asMessage(newReferral(), header))).status).toBe(200);
        },
      );

      test('what was refused for a right that was missing is processed once it is there', async () => {
        const sent = asMessage(newReferral());
        const clerk = { ...township, roles: ['insurer'] };
        expect((await send(clerk, sent)).status).toBe(403);
        expect((await send(township, sent)).status).toBe(200);
      });

      test('nobody is given the answer of another, nor sees it among the Bundles', async () => {
        const bundle = newReferral();
        const sent = asMessage(bundle);
        const answer = await send(township, sent);
        const replayed = await send(stranger, sent);
        expect(replayed.status).toBe(403);
        expect(JSON.stringify(replayed)).not.toContain(answer.others[0]!.id!);
        const bundles = async (who: typeof township) =>
          ((await asking(server, who, 'GET', '/Bundle?type=message&_count=500')).body.entry ??
            []) as Element[];
        const ids = async (who: typeof township) =>
          (await bundles(who)).map(({ resource }) => (resource as Resource).identifier);
        expect((await bundles(township)).length).toBeGreaterThan(0);
        for (const identifier of await ids(stranger))
          expect(await ids(township)).not.toContainEqual(identifier);
      });
    });

    test('$submit and documents are written for whom they are sent', async () => {
      const parameter = [{ name: 'bundle', resource: newReferral() }];
      const sent = { resourceType: 'Parameters', parameter };
      expect((await asking(server, hospital, 'POST', '/ServiceRequest/$submit', sent)).status).toBe(403);
      expect((await asking(server, township, 'POST', '/ServiceRequest/$submit', sent)).status).toBe(200);
    });

    test('every part of a message is on the record of accesses, and the message itself', async () => {
      const his = apiKey('his');
      const office = apiKey('office');
      const organization = 'Organization/qingshi-health-centre';
      await given(
        server,
        clientDevice('his', { roles: ['referrer'], organization, apiKeys: [his.registered] }),
        clientDevice('office', { roles: ['administrator'], organization, apiKeys: [office.registered] }),
      );
      const sent = asMessage(newReferral());
      const { body } = await server.post('/$process-message', sent).set('X-Api-Key', his.key).expect(200);
      const task = answerIn(body).others.at(-1)!;
      const patient = String((task.for as Element).reference);
      const events = await server
        .get(`/AuditEvent?agent=Device/his&_count=100`)
        .set('X-Api-Key', office.key)
        .expect(200);
      const seen = (events.body.entry as { resource: { entity: { what?: { reference?: string } }[] } }[]).map(
        ({ resource }) => resource.entity.map(({ what }) => what?.reference),
      );
      for (const type of ['Patient', 'ServiceRequest', 'Task', 'Observation', 'Consent'])
        expect(seen).toContainEqual(expect.arrayContaining([expect.stringMatching(`^${type}/`), patient]));
      const asked = Buffer.from('$process-message').toString('base64');
      expect(JSON.stringify(events.body).includes(asked)).toBe(true);
    });
  },
  { AUTH: 'on' },
);
