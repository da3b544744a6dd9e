import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Resource } from '../../src/fhir/resource.ts';
import type { Actor } from '../../src/interactions/actor.ts';
import { example } from '../api/referrals.ts';
import { post, practitioner } from '../environment/access.ts';
import { onEachEngine } from '../environment/server.ts';
import { askingOn, at, system } from './asking.ts';

const qingshi = 'Organization/qingshi-health-centre';
const hekou = 'Organization/hekou-health-centre';
const house = at('qingshi-health-centre', { roles: ['medical-affairs'] });
const alliance: Actor = { organization: 'Organization/yongan-alliance', roles: ['alliance-office'] };
const licence = 'urn:oid:2.16.156.10011.1.4';

/** Who keeps the directory of the institutions and their people. */
onEachEngine(
  (server) => {
    const ask = askingOn(server);
    const put = async (who: Actor, resource: Resource) =>
      (await ask(who, 'PUT', `/${resource.resourceType}/${resource.id}`, resource)).status;
    const read = async (path: string) => (await ask(system, 'GET', `/${path}`)).body;

    beforeAll(async () => {
      expect((await ask(system, 'POST', '/', example('community'))).status).toBe(200);
    });

    describe('a house', () => {
      test('registers its people with their posts, and keeps them', async () => {
        expect(await put(house, practitioner('new-qingshi'))).toBe(201);
        expect(await put(house, post('new-post', 'Practitioner/new-qingshi', qingshi, 'attending'))).toBe(
          201,
        );
        const named = practitioner('new-qingshi', { name: [{ text: '新名' }] });
        expect(await put(house, named)).toBe(200);
        expect(await put(house, { ...(await read('PractitionerRole/new-post')), active: false })).toBe(200);
      });

      test('does not keep another’s people, nor gives posts there', async () => {
        expect(await put(house, await read('Practitioner/ma-junjie'))).toBe(403);
        expect(await put(house, post('at-hekou', 'Practitioner/yang-fang', hekou, 'attending'))).toBe(403);
        expect((await ask(house, 'DELETE', '/Practitioner/ma-junjie')).status).toBe(403);
      });

      test('does not keep alone who works elsewhere, too', async () => {
        const known = await read('Practitioner/ma-junjie');
        expect(await put(house, post('both', 'Practitioner/ma-junjie', qingshi, 'attending'))).toBe(201);
        expect(await put(house, { ...known, name: [{ text: '别名' }] })).toBe(403);
        expect(await put(alliance, { ...known, name: [{ text: '马俊杰' }] })).toBe(200);
      });
    });

    describe('the office of the alliance', () => {
      test('keeps the people and places of its members, and of nobody else', async () => {
        expect(await put(alliance, post('by-office', 'Practitioner/ma-junjie', hekou, 'liaison'))).toBe(201);
        const elsewhere: Resource = { resourceType: 'Organization', id: 'elsewhere', name: '外县医院' };
        expect(await put(system, elsewhere)).toBe(201);
        const there = post('there', 'Practitioner/ma-junjie', 'Organization/elsewhere', 'attending');
        expect(await put(alliance, there)).toBe(403);
      });
    });

    describe('nobody becomes somebody else', () => {
      const person = 'Practitioner/yang-fang';

      test('by a post that they give themselves', async () => {
        for (const who of [house, alliance])
          expect(await put({ ...who, person }, post('own', person, qingshi, 'liaison'))).toBe(403);
      });

      test('by an office', async () => {
        for (const office of ['medical-affairs', 'alliance-office'])
          expect(await put(house, post('office', person, qingshi, office))).toBe(403);
      });

      test('by an identifier that somebody else signs in by, or would', async () => {
        const known = await read(person);
        const [taken] = (await read('Practitioner/ma-junjie')).identifier as [object];
        for (const who of [house, alliance]) {
          expect(await put(who, { ...known, identifier: [{ system: licence, value: 'mine' }] })).toBe(403);
          expect(await put(who, practitioner('twin', { identifier: [taken] }))).toBe(403);
        }
        const fresh = { identifier: [{ system: licence, value: 'fresh,1' }] };
        expect(await put(house, practitioner('fresh', fresh))).toBe(201);
        expect(await put(house, practitioner('fresher', fresh))).toBe(403);
      });

      test('by one who has no post yet', async () => {
        expect(await put(system, practitioner('nobodys'))).toBe(201);
        expect(await put(house, practitioner('nobodys', { name: [{ text: '我' }] }))).toBe(403);
      });
    });
  },
  { AUTH: 'on' },
);
