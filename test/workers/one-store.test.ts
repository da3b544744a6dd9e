import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { engines } from '../environment/server.ts';
import { startProcess } from '../environment/server-process.ts';
import { type Answered, type Line, type ManyProcesses, startMany } from '../environment/workers.ts';

// Servers are started, on machines that may be busy.
jest.setTimeout(180_000);

const system = 'urn:oid:1.2.3.4';
const patientWith = (value: string) => ({ resourceType: 'Patient', identifier: [{ system, value }] });
const total = ({ body }: Answered) => body.total as number;

describe.each(engines)('two processes of one server, on the %s engine', (engine) => {
  let many: ManyProcesses;
  /** The processes answer these connections in turn. */
  let lines: Line[];
  beforeAll(async () => {
    many = await startMany(engine, 2);
    lines = Array.from({ length: 8 }, () => many.line());
    for (const line of lines) await line.send('GET', 'metadata?_summary=true');
  });
  afterAll(() => many.end());

  /** Sends all at once, over all connections. */
  const together = <T>(items: readonly T[], send: (line: Line, item: T) => Promise<Answered>) =>
    Promise.all(items.map((item, n) => send(lines[n % lines.length]!, item)));

  test('say at the start how many there are', () => {
    expect(many.server.output.stderr).toMatch(/"workers":2,"msg":"listening"/);
    expect(new Set(many.pids()).size).toBe(2);
  });

  test('see the first resource of a type at once, whichever has made it', async () => {
    const [one, other] = lines as [Line, Line];
    for (const [n, type] of ['Location', 'Device', 'Person', 'Group'].entries()) {
      const [maker, reader] = n % 2 === 0 ? [one, other] : [other, one];
      expect((await reader.send('GET', `${type}/first`)).status).toBe(404);
      const sent = {
        resourceType: type,
        id: 'first',
        ...(type === 'Group' && { type: 'person', actual: true }),
      };
      expect((await maker.send('PUT', `${type}/first`, sent)).status).toBe(201);
      expect((await reader.send('GET', `${type}/first`)).status).toBe(200);
      expect(total(await reader.send('GET', `${type}?_total=accurate`))).toBe(1);
      const newest = (await reader.send('GET', '_history?_count=10')).body.entry as { fullUrl: string }[];
      expect(newest.map(({ fullUrl }) => fullUrl)).toContain(`${many.base}/${type}/first`);
    }
  });

  test('find what the other has just acknowledged, by id, by search and in the history', async () => {
    for (let n = 0; n < 20; n++) {
      const [maker, reader] = [lines[n % 2]!, lines[(n + 1) % 2]!];
      const made = await maker.send('POST', 'Patient', patientWith(`own-${n}`));
      expect(made.status).toBe(201);
      expect((await reader.send('GET', `Patient/${made.body.id}`)).status).toBe(200);
      expect(total(await reader.send('GET', `Patient?identifier=${system}|own-${n}&_total=accurate`))).toBe(
        1,
      );
      const history = await reader.send('GET', 'Patient/_history?_count=1');
      expect((history.body.entry as { resource: { id: string } }[])[0]!.resource.id).toBe(made.body.id);
    }
  });

  test('make one resource of 400 conditional creates that come together, four for each', async () => {
    const values = Array.from({ length: 400 }, (_, n) => `together-${n % 100}`);
    const answers = await together(values, (line, value) =>
      line.send('POST', 'Patient', patientWith(value), {
        'If-None-Exist': `identifier=${system}|${value}`,
      }),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(100);
    expect(answers.every(({ status }) => status === 201 || status === 200)).toBe(true);
    for (const value of new Set(values))
      expect(
        total(await lines[0]!.send('GET', `Patient?identifier=${system}|${value}&_total=accurate`)),
      ).toBe(1);
  });

  test('let one of four updates of the same version win, of 400 that come together', async () => {
    const ids = Array.from({ length: 400 }, (_, n) => `version-${n % 100}`);
    const patient = (id: string) => ({ ...patientWith(id), id });
    await together([...new Set(ids)], (line, id) => line.send('PUT', `Patient/${id}`, patient(id)));
    const answers = await together(ids, (line, id) =>
      line.send('PUT', `Patient/${id}`, { ...patient(id), gender: 'female' }, { 'If-Match': 'W/"1"' }),
    );
    const won = (id: string) => answers.filter(({ status }, n) => ids[n] === id && status === 200).length;
    expect([...new Set(ids)].map(won)).toEqual(Array.from({ length: 100 }, () => 1));
    expect(answers.every(({ status }) => status === 200 || status === 412 || status === 409)).toBe(true);
    for (const id of new Set(ids))
      expect((await lines[1]!.send('GET', `Patient/${id}`)).body.meta?.versionId).toBe('2');
  });

  test('keep 600 transactions that come together, each whole, or say that it is to be sent again', async () => {
    const numbers = Array.from({ length: 600 }, (_, n) => n);
    const transaction = (n: number) => ({
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [0, 1, 2].map((part) => ({
        resource: patientWith(`transaction-${n}-${part}`),
        request: { method: 'POST', url: 'Patient' },
      })),
    });
    const answers = await together(numbers, (line, n) => line.send('POST', '', transaction(n)));
    const statuses = new Set(answers.map(({ status }) => status));
    statuses.delete(200);
    expect([...statuses].every((status) => status === 409 || status === 503)).toBe(true);
    const kept = answers.filter(({ status }) => status === 200).length;
    expect(kept).toBeGreaterThan(500);
    expect(total(await lines[1]!.send('GET', 'Patient?_summary=count'))).toBe(120 + 100 + kept * 3);
  });
});

test('started without a word about it, as many processes serve as there are processors, four at most', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'zhuanzhen-workers-'));
  const server = startProcess('src/start.ts', { WORKERS: '', DATA_DIR: folder });
  const [, workers] = await server.printed(/"workers":(\d+),"msg":"listening"/);
  expect(Number(workers)).toBe(Math.min(availableParallelism(), 4));
  server.child.kill('SIGTERM');
  expect(await server.gone).toBe(0);
  // What it has compiled is there for the next start.
  const compiled = fileURLToPath(new URL('../../node_modules/.cache/compiled', import.meta.url));
  expect(readdirSync(compiled).length).toBeGreaterThan(0);
  rmSync(folder, { recursive: true });
});
