import { beforeAll, expect, test } from '@jest/globals';
import type { Element, Resource } from '../../src/fhir/resource.ts';
import { onEachEngine } from '../environment/server.ts';
import { example, newReferral, referring } from './referrals.ts';

const hospital = { 'X-Acting-Organization': 'Organization/yongan-county-hospital' };

onEachEngine((server) => {
  const { accepted, read } = referring(server);
  beforeAll(async () => {
    await server.post('/', example('community')).expect(200);
  });

  /** The values of an answer by name. */
  const values = ({ parameter }: { parameter: Element[] }): Record<string, unknown> =>
    Object.fromEntries(
      parameter.map(({ name, ...value }) => {
        const [given] = Object.values(value);
        return [name, (given as Element).value ?? given];
      }),
    );
  const hintOn = async (referral: string) =>
    values((await server.get(`/ServiceRequest/${referral}/$reimbursement-hint`).expect(200)).body);

  test('a listed disease at the county hospital: 75 % with the referral, all of which can be lost without', async () => {
    const { ServiceRequest: referral, Task: task } = await accepted(
      newReferral('valid/03-stroke-within-window'),
    );
    expect(await hintOn(referral!)).toMatchObject({
      tier: 'county',
      listed: true,
      diagnosis: { code: 'I63.900' },
      referred: false,
      ratio: 75,
      'ratio-unreferred': 0,
      'loss-unreferred': 75,
      hint: expect.stringMatching(/报销 75%.*最多少报 75% \/ .*lose up to 75%/),
    });
    await server.post(`/Task/${task}/$arrive`, encounter).set(hospital).expect(200);
    expect(await hintOn(referral!)).toMatchObject({ referred: true });
  });

  test('at the township it is 85 %, also for a referral that was not sent yet', async () => {
    const { ServiceRequest: sent } = await accepted(newReferral());
    const { id: _, ...draft } = await read('ServiceRequest', sent!);
    const referral = { ...draft, performer: [{ reference: 'Organization/qingshi-health-centre' }] };
    const body = { resourceType: 'Parameters', parameter: [{ name: 'referral', resource: referral }] };
    const answer = await server.post('/ServiceRequest/$reimbursement-hint', body).expect(200);
    expect(values(answer.body)).toMatchObject({ tier: 'township', listed: true, ratio: 85 });
    expect(values(answer.body)).not.toHaveProperty('referred');
  });

  test('a disease that is not on the list of the tier has no ratio of its own', async () => {
    const { ServiceRequest: referral } = await accepted(newReferral());
    const hint = await hintOn(referral!);
    expect(hint).toMatchObject({ tier: 'county', listed: false });
    expect(hint).not.toHaveProperty('ratio');
  });

  test('a county puts its own ratios and its own list in place by storing them', async () => {
    const { ServiceRequest: referral } = await accepted(newReferral());
    const { body: list } = await server.get('/ValueSet/county-disease-list').expect(200);
    const [include] = list.compose.include;
    const compose = { include: [{ ...include, concept: [{ code: 'I10' }] }] };
    await server.put('/ValueSet/county-disease-list', { ...list, compose }).expect(201);
    expect(await hintOn(referral!)).toMatchObject({ listed: true, ratio: 75 });
    const shipped = server.running.server.definitions.find(
      'InsurancePlan',
      'referral-reimbursement',
    ) as Resource;
    const own = JSON.parse(JSON.stringify(shipped).replaceAll('"value":75', '"value":80'));
    await server.put('/InsurancePlan/referral-reimbursement', own).expect(201);
    expect(await hintOn(referral!)).toMatchObject({ ratio: 80, 'loss-unreferred': 80 });
  });

  test('without a referral there is nothing to say', async () => {
    await server.get('/ServiceRequest/nowhere/$reimbursement-hint').expect(404);
    await server.post('/ServiceRequest/$reimbursement-hint').expect(400);
  });
});

const encounter = {
  resourceType: 'Parameters',
  parameter: [{ name: 'encounter', valueReference: { display: '急诊就诊' } }],
};
