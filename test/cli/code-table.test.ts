import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, expect, test } from '@jest/globals';
import { onEachEngine } from '../environment/server.ts';

const folder = mkdtempSync(join(tmpdir(), 'zhuanzhen-codes-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The example of the documentation: a table as the national edition is published. */
const clinical = 'urn:oid:2.16.156.10011.2.3.3.11.3';

async function codeTable(...args: string[]) {
  const child = spawn(process.execPath, ['src/cli/zhuanzhen.ts', 'code-table', ...args]);
  const [output, complaints, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number | null>((resolve) => child.once('close', resolve)),
  ]);
  return { output, complaints, code };
}

onEachEngine((server) => {
  test('a table in CSV takes the place of the fragment that is shipped', async () => {
    const file = join(folder, 'icd10.csv');
    const rows = Array.from({ length: 4_500 }, (_, n) => `Z${String(n).padStart(4, '0')},第${n}种`);
    writeFileSync(file, ['疾病编码,疾病名称', 'I10.x00x002,高血压病', ...rows].join('\n'));
    const { output, complaints, code } = await codeTable(
      ...[file, '--url', clinical, '--version', '2.0', '--id', 'icd-10-2', '--server', server.base],
    );
    expect(complaints).toBe('');
    expect(output).toContain(`CodeSystem/icd-10-2: ${clinical}|2.0`);
    expect(output).toContain('4501 codes');
    expect(code).toBe(0);
    const found = await server.get(`/CodeSystem/$lookup?system=${clinical}&code=Z4499`).expect(200);
    expect(JSON.stringify(found.body)).toContain('第4499种');
  });

  test('what the server refuses is told', async () => {
    const file = join(folder, 'broken.csv');
    writeFileSync(file, 'code,name\nA  B,两个空格');
    const { complaints, code } = await codeTable(
      ...[file, '--url', 'https://yongan.example/codes', '--version', '1', '--server', server.base],
    );
    expect(code).toBe(1);
    expect(complaints).toContain('HTTP 400');
    await server.get('/CodeSystem/$lookup?system=https://yongan.example/codes&code=A').expect(404);
  });
});

test('where there is no server, that is told', async () => {
  const file = join(folder, 'one.csv');
  writeFileSync(file, 'code,name\nA,一');
  const { complaints, code } = await codeTable(
    ...[file, '--url', 'urn:x:y', '--version', '1', '--server', 'http://127.0.0.1:1/fhir'],
  );
  expect(code).toBe(1);
  expect(complaints).toContain('one.csv: ');
});
