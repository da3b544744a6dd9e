import { beforeAll, expect, test } from '@jest/globals';
import { onEachEngine } from '../environment/server.ts';
import { example, newReferral, referring, the } from './referrals.ts';

onEachEngine((server) => {
  const { accepted, refused, read } = referring(server);
  const refusedBefore = async (task: string) => {
    const { extension } = await read('Task', task);
    return (extension as { url: string; valueUnsignedInt?: number }[]).find(({ url }) =>
      url.endsWith('/refused-before'),
    )?.valueUnsignedInt;
  };
  const period = 'period=2026-11';
  const figures = async () => {
    const { body } = await server.get(`/Measure/first-pass-rate/$evaluate-measure?${period}`).expect(200);
    return body.group[0].population.map(({ count }: { count: number }) => count);
  };

  beforeAll(async () => {
    await server.post('/', example('community')).expect(200);
  });

  test('a referral that is accepted at once is a first pass', async () => {
    const { Task: task } = await accepted(newReferral());
    expect(await refusedBefore(task!)).toBeUndefined();
    expect(await figures()).toEqual([1, 1, 1]);
  });

  test('one that was refused for its content says how often, whatever its sender writes there', async () => {
    const bundle = newReferral();
    const { reasonCode } = the(bundle, 'ServiceRequest');
    for (const _ of [1, 2]) {
      Object.assign(the(bundle, 'ServiceRequest'), { reasonCode: [{ text: '请会诊' }] });
      await refused(bundle);
    }
    Object.assign(the(bundle, 'ServiceRequest'), { reasonCode });
    const url = 'https://w3id.org/zhuanzhen/StructureDefinition/refused-before';
    Object.assign(the(bundle, 'Task'), { extension: [{ url, valueUnsignedInt: 0 }] });
    const { Task: task } = await accepted(bundle);
    expect(await refusedBefore(task!)).toBe(2);
    expect(await figures()).toEqual([2, 2, 1]);
  });

  test('what was only asked about does not count', async () => {
    const bundle = newReferral();
    const { reasonCode } = the(bundle, 'ServiceRequest');
    Object.assign(the(bundle, 'ServiceRequest'), { reasonCode: [{ text: '请会诊' }] });
    await server.post('/ServiceRequest/$check-indications', bundle);
    await server.post('/Bundle/$validate', bundle);
    Object.assign(the(bundle, 'ServiceRequest'), { reasonCode });
    const { Task: task } = await accepted(bundle);
    expect(await refusedBefore(task!)).toBeUndefined();
  });
});
