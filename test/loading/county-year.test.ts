import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { generateYear } from '../../src/county-year/generate.ts';
import { loadFile } from '../../src/loading/load-file.ts';
import { takenSteps } from '../../src/referral/workflow/taken-steps.ts';
import { onEachEngine, type TestServer } from '../environment/server.ts';

const folder = mkdtempSync(join(tmpdir(), 'zhuanzhen-load-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Made {
  entry: { resource: { resourceType: string; id: string; status?: string; [member: string]: unknown } }[];
}

const year = (referrals: number, seed: number) =>
  [...generateYear({ referrals, seed, year: 2025 })] as unknown as Made[];

const ofType = (type: string) => (bundles: readonly Made[]) =>
  bundles
    .flatMap(({ entry }) => entry.map(({ resource }) => resource))
    .filter(({ resourceType }) => resourceType === type);
const tasksOf = ofType('Task');
const referralsOf = ofType('ServiceRequest');

describe('a county year', () => {
  const bundles = year(4_000, 7);
  const referrals = referralsOf(bundles);
  const codesIn = (what: unknown) =>
    new Set([...JSON.stringify(what ?? null).matchAll(/"code":"([^"]+)"/g)].map(([, code]) => code));

  test('is the same for the same seed, and another for another', () => {
    const hashOf = (made: object) => createHash('sha256').update(JSON.stringify(made)).digest('hex');
    expect(hashOf(year(50, 7))).toBe(hashOf(year(50, 7)));
    expect(hashOf(year(50, 7))).not.toBe(hashOf(year(50, 8)));
  });

  test('has as many referrals as asked for, within the year, in the order in which they were written', () => {
    expect(referrals).toHaveLength(4_000);
    // A bundle begins with its own; a return is written when the patient goes back.
    const written = bundles.slice(1).map((bundle) => String(referralsOf([bundle])[0]!.authoredOn));
    expect(written).toEqual([...written].sort());
    expect([written[0]! >= '2025-01-01', written.at(-1)! < '2026-01-01']).toEqual([true, true]);
  });

  test('goes up and down as the source documents count: 36 down for 229 up', () => {
    const down = JSON.stringify(referrals.map(({ category }) => category)).match(/"code":"down"/g)!.length;
    expect(down / (4_000 - down)).toBeGreaterThan(0.13);
    expect(down / (4_000 - down)).toBeLessThan(0.185);
  });

  test('has all ends of a referral, and some that are not over', () => {
    const states = new Set(tasksOf(bundles).map(({ status }) => status));
    expect([...states].sort()).toEqual(
      expect.arrayContaining([
        'accepted',
        'cancelled',
        'completed',
        'entered-in-error',
        'failed',
        'in-progress',
        'rejected',
      ]),
    );
    expect(tasksOf(bundles).some(({ partOf }) => partOf !== undefined)).toBe(true);
  });

  test('takes every step that the year of a county knows', () => {
    const taken = new Set(
      tasksOf(bundles).flatMap((task) => takenSteps(task as never).map(({ step }) => step)),
    );
    for (const step of [
      'request-info',
      'supply-info',
      'schedule',
      'hold',
      'resume',
      'depart',
      'no-show',
      'redirect',
    ])
      expect([step, taken.has(step)]).toEqual([step, true]);
    expect([...codesIn(tasksOf(bundles).map(({ input }) => input))].sort()).toEqual([
      'departure',
      'escort',
      'extra-info',
      'records-request',
    ]);
  });

  test('has patients who return by a referral down, which is based on the one up', () => {
    const returned = tasksOf(bundles).filter(({ businessStatus }) => codesIn(businessStatus).has('returned'));
    expect(returned.length).toBeGreaterThan(0);
    for (const { focus, output } of returned) {
      const up = (focus as { reference: string }).reference;
      expect(codesIn(output)).toContain('down-referral');
      const down = referrals.filter(({ basedOn }) => JSON.stringify(basedOn ?? '').includes(`"${up}"`));
      expect(down.map(({ category }) => codesIn(category).has('down'))).toEqual([true]);
    }
  });

  test('is quieter at night, at weekends and on holidays', () => {
    const hours = referrals.map(({ authoredOn }) => Number(String(authoredOn).slice(11, 13)));
    const between = (low: number, high: number) => hours.filter((hour) => hour >= low && hour < high).length;
    expect(between(8, 12)).toBeGreaterThan(between(0, 6) * 4);
    const on = (month: string) =>
      referrals.filter(({ authoredOn }) => String(authoredOn).slice(0, 7) === month).length;
    expect(on('2025-12')).toBeGreaterThan(on('2025-02'));
    const week = (first: string, last: string) =>
      referrals.filter(({ authoredOn: at }) => String(at) >= first && String(at) < last).length;
    // The Spring Festival of 2025, and the week before it.
    expect(week('2025-01-28', '2025-02-04')).toBeLessThan(week('2025-01-20', '2025-01-27') / 2);
  });
});

const oracle = process.env.ORACLE_URL;
(oracle ? test : test.skip)(
  "a sample of a county year is valid by HL7's validator (needs ../shared/oracle and Java)",
  async () => {
    const bundles = year(400, 7);
    for (const [n, bundle] of bundles.entries()) {
      if (n % 20 !== 0) continue;
      const response = await fetch(oracle!, { method: 'POST', body: JSON.stringify(bundle) });
      const { issues } = (await response.json()) as { issues: { severity: string; message: string }[] };
      // The validator that the tests start is not given this project's extensions.
      const isOther = (text: string) =>
        !/extension https:\/\/w3id\.org\/zhuanzhen\/|nknown extension/.test(text);
      const errors = issues.filter(({ severity, message }) => severity === 'error' && isOther(message));
      expect([n, errors]).toEqual([n, []]);
    }
  },
  // The first one waits for the validator to read all of R4.
  240_000,
);

onEachEngine(
  (server) => {
    const tell: string[] = [];
    const options = (again = false) => ({
      server: server.base,
      connections: 2,
      again,
      tell: (line: string) => void tell.push(line),
    });
    const fileOf = (name: string, bundles: readonly object[]) => {
      const path = join(folder, `${name}-${Math.random()}`);
      writeFileSync(path, bundles.map((bundle) => `${JSON.stringify(bundle)}\n`).join(''));
      return path;
    };
    const count = async (to: TestServer, type: string) =>
      (await to.get(`/${type}?_summary=count`)).body.total as number;

    test('every referral of it is valid by the rules, and keeps the steps that it has taken', async () => {
      const bundles = year(60, 11);
      const loaded = await loadFile(fileOf('year', bundles), options());
      expect([loaded.refused, loaded.bundles]).toEqual([0, bundles.length]);
      expect(await count(server, 'ServiceRequest')).toBe(60);
      const [made] = tasksOf(bundles).filter(({ status }) => status === 'completed');
      const { body } = await server.get(`/Task/${made!.id}`).expect(200);
      expect(takenSteps(body)).toEqual(takenSteps(made as never));
    });

    test('what was interrupted goes on where it was, and sent twice it is there once', async () => {
      const bundles = year(12, 12);
      const path = fileOf('resumed', bundles);
      const first = bundles.slice(0, 7).map((bundle) => Buffer.byteLength(JSON.stringify(bundle)) + 1);
      const size = readFileSync(path).length;
      const before = await count(server, 'ServiceRequest');
      writeFileSync(
        `${path}.progress`,
        JSON.stringify({ size, place: first.reduce((sum, each) => sum + each, 0) }),
      );
      expect((await loadFile(path, options())).bundles).toBe(6);
      expect(await count(server, 'ServiceRequest')).toBe(before + 6);
      expect((await loadFile(path, options())).bundles).toBe(13);
      expect((await loadFile(path, options(true))).refused).toBe(0);
      expect(await count(server, 'ServiceRequest')).toBe(before + 12);
    });

    test('of what is refused the others are kept, and the line is told', async () => {
      const bundles = year(5, 13);
      const referral = bundles[3]!.entry.find(
        ({ resource }) => resource.resourceType === 'ServiceRequest',
      )!.resource;
      referral.category = [];
      const loaded = await loadFile(fileOf('refused', bundles), options());
      expect([loaded.refused, loaded.bundles]).toEqual([1, 5]);
      expect(tell.some((line) => /^line at byte \d+: 4\d\d /.test(line))).toBe(true);
    });
  },
  { IMPORT_HISTORY: 'true' },
);
