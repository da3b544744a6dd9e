import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Resource } from '../../src/fhir/resource.ts';
import { onEachEngine } from '../environment/server.ts';

const folder = mkdtempSync(join(tmpdir(), 'zhuanzhen-cli-'));
const file = (name: string) => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true }));
beforeAll(() => {
  writeFileSync(file('patient.json'), '{\n  "resourceType": "Patient",\n  "gender": "男"\n}\n');
  writeFileSync(file('broken.json'), '{\n  "resourceType": "Patient",\n  "gender":\n}\n');
  writeFileSync(
    file('lines.ndjson'),
    '{"resourceType":"Patient","gender":"male"}\n{"resourceType":"Patient","birthDate":"1960/1/1"}\n',
  );
  writeFileSync(
    file('patient.xml'),
    '<Patient xmlns="http://hl7.org/fhir"><gender value="female"/></Patient>',
  );
});

/** Runs the command line as a programmer does, with what they type into it. */
async function zhuanzhen(args: readonly string[], typed = '') {
  const environment = { ...process.env, NO_COLOR: '1' };
  const child = spawn(process.execPath, ['src/cli/zhuanzhen.ts', ...args], { env: environment });
  child.stdin.end(typed);
  const [output, complaints, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number | null>((resolve) => child.once('close', resolve)),
  ]);
  return { output, complaints, code };
}

const slow = 120_000;

describe('zhuanzhen validate, without a server,', () => {
  test(
    'says what is wrong, and marks the place',
    async () => {
      const { output, code } = await zhuanzhen(['validate', file('patient.json')]);
      expect(code).toBe(1);
      expect(output).toContain(`${file('patient.json')}:3:13 Patient.gender`);
      expect(output).toMatch(/male, female, other, unknown/);
      expect(output).toContain('    |   "gender": "男"\n    |             ^');
    },
    slow,
  );

  test(
    'tells where a file stops being JSON',
    async () => {
      const { output, code } = await zhuanzhen(['validate', file('broken.json')]);
      expect(code).toBe(1);
      expect(output).toContain(`${file('broken.json')}:4:1`);
    },
    slow,
  );

  test(
    'takes folders, lines and XML, and gives a line of JSON for each resource',
    async () => {
      const { output, complaints } = await zhuanzhen(['validate', folder, '--json']);
      const said = output
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { file: string; line: number; valid: boolean });
      expect(said.map(({ file, line, valid }) => [file.slice(folder.length + 1), line, valid])).toEqual([
        ['broken.json', 1, false],
        ['lines.ndjson', 1, true],
        ['lines.ndjson', 2, false],
        ['patient.json', 1, false],
        ['patient.xml', 1, true],
      ]);
      expect(complaints).toMatch(/5 resources, 3 with errors/);
    },
    slow,
  );

  test(
    'reads the standard input, and holds it to a profile',
    async () => {
      const profile = 'https://w3id.org/zhuanzhen/StructureDefinition/referral';
      const request =
        '{"resourceType":"ServiceRequest","status":"active","intent":"order","subject":{"reference":"Patient/1"}}';
      const { output, code } = await zhuanzhen(['validate', '-', '--profile', profile], request);
      expect(code).toBe(1);
      expect(output).toMatch(/ServiceRequest.*priority/s);
    },
    slow,
  );

  test(
    'judges a referral by the rules, with the institutions given',
    async () => {
      const { output, code } = await zhuanzhen([
        'validate',
        'examples/invalid/02-severe-hypertension-routine.json',
        'examples/valid/01-routine-up-hypertension.json',
        '--community',
        'examples/community.json',
      ]);
      expect(code).toBe(1);
      expect(output).toMatch(
        /✗ examples\/invalid.*\[up-htn-urgent\].*"priority": "routine".*✓ examples\/valid/s,
      );
    },
    slow,
  );

  test.each([
    ['a file that is not there', ['validate', 'nowhere.json'], /nowhere\.json/],
    ['a community that is none', ['validate', '-', '--community', 'package.json'], /package\.json/],
    ['an option that there is not', ['validate', '-', '--profiles', 'x'], /--profiles/],
  ])(
    'complains of %s',
    async (_, args, complaint) => {
      const { complaints, code } = await zhuanzhen(args);
      expect(code).toBe(1);
      expect(complaints).toMatch(complaint);
      expect(complaints).not.toMatch(/ at .*\.ts/);
    },
    slow,
  );
});

onEachEngine((server) => {
  describe('zhuanzhen send', () => {
    test(
      'shows what the server kept, and what it refused',
      async () => {
        cpSync('examples/community.json', file('community.json'));
        const kept = await zhuanzhen(['send', file('community.json'), '--server', server.base]);
        expect(kept).toMatchObject({ code: 0, output: expect.stringMatching(/200 .*Organization\//) });
        const refused = await zhuanzhen([
          'send',
          'examples/invalid/02-severe-hypertension-routine.json',
          '--server',
          server.base,
        ]);
        expect(refused).toMatchObject({ code: 1, output: expect.stringMatching(/up-htn-urgent.*422/s) });
      },
      slow,
    );

    test(
      'a resource by itself goes to its type',
      async () => {
        const patient = JSON.stringify({ resourceType: 'Patient', gender: 'male' } satisfies Resource);
        const { output, code } = await zhuanzhen(['send', '-', '--server', server.base], patient);
        expect(code).toBe(0);
        const [, id] = /201 Patient\/(\S+)/.exec(output)!;
        await server.get(`/Patient/${id}`).expect(200);
      },
      slow,
    );

    test(
      'a server that is not there is told',
      async () => {
        const { complaints, code } = await zhuanzhen(
          ['send', '-', '--server', 'http://127.0.0.1:9/fhir'],
          '{}',
        );
        expect(code).toBe(1);
        expect(complaints).toContain('127.0.0.1:9');
      },
      slow,
    );
  });
});

test('the README shows commands that there are', async () => {
  const { output } = await zhuanzhen(['--help']);
  for (const [, command] of readFileSync('README.md', 'utf8').matchAll(
    /zhuanzhen (?:-- )?(validate|send|convert)\b/g,
  ))
    expect(output).toContain(`  ${command} `);
});
