import { expect, test } from '@jest/globals';
import { onEachEngine } from '../environment/server.ts';

onEachEngine((server) => {
  test('a clock that goes back puts no history out of order, and who follows by _since misses nothing', async () => {
    const { running } = server;
    const real = running.server.now;
    const put = async (version: number, instant: number) => {
      running.server.now = () => instant;
      await server
        .put('/Patient/c', { resourceType: 'Patient', id: 'c', active: version % 2 === 0 })
        .expect(version === 1 ? 201 : 200);
    };
    const day = 86_400_000;
    const start = real();
    for (const [index, offset] of [0, -day, -day, 0, -365 * day, day, 0].entries())
      await put(index + 1, start + offset);
    running.server.now = () => start - day;
    await server.delete('/Patient/c').expect(204);
    running.server.now = real;

    const versions = async (path: string) => {
      const { body } = await server.get(path).expect(200);
      return body.entry.map(({ response }: { response: { etag: string } }) =>
        Number(/\d+/.exec(response.etag)![0]),
      );
    };
    expect(await versions('/Patient/c/_history')).toEqual([8, 7, 6, 5, 4, 3, 2, 1]);
    const since = new Date(start).toISOString();
    expect(await versions(`/Patient/c/_history?_since=${since}`)).toEqual([8, 7, 6, 5, 4, 3, 2, 1]);
  });
});
