import { execFile } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { beforeAll, describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { onEachEngine } from '../environment/server.ts';
import { townshipRow } from './intake-rows.ts';
import { example } from './referrals.ts';

const pages = ['README.md', 'README.zh-CN.md'];
const read = (name: string) => readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8');

/** The commands of a page about the table. */
function commandsOf(page: string): string {
  const [, commands] = /```sh\n(cat > \/tmp\/referrals\.csv[\s\S]*?)```/.exec(read(page))!;
  return commands!;
}

/** Runs commands in a shell; gives what they print. */
function run(commands: string): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile('bash', ['-ec', commands], (error, output) => (error ? reject(error) : resolve(output)));
  });
}

onEachEngine((server) => {
  beforeAll(async () => {
    await server.post('/', example('community')).expect(200);
  });

  describe('the guide of the flat form', () => {
    test('has commands that a township can type, the same in both languages', async () => {
      const [commands, others] = pages.map(commandsOf);
      expect(others).toBe(commands);
      const own = commands!.replaceAll('http://localhost:8080', new URL(server.base).origin);
      const output = await run(own);
      expect(output).toContain('"dryRun":true');
      expect(output).toMatch(/"result":"accepted","number":"QS-0001","referral":"ServiceRequest\//);
      expect(output).toMatch(/QS-0001,上转,普通,赵建国/);
      expect(output).toContain('"state":"received:under-review"');
      expect(existsSync('/tmp/template.xlsx')).toBe(true);
      for (const file of ['/tmp/referrals.csv', '/tmp/template.xlsx']) rmSync(file);
    });

    test('has a mapping of a vendor that is valid, and by which its table is read', async () => {
      const map = JSON.parse(read('examples/intake/vendor-columns.json'));
      await server.put(`/ConceptMap/${map.id}`, map).expect(201);
      const {
        转诊单号: REFERRAL_ID,
        患者姓名: PAT_NAME,
        转诊诊断: DIAG_NAME,
        紧急程度: _,
        ...others
      } = townshipRow();
      const row = { ...others, REFERRAL_ID, PAT_NAME, DIAG_NAME, URGENCY: 'B', URIC_ACID: 420 };
      const { body } = await request(new URL(server.base).origin)
        .post('/intake/referrals?dry-run=true')
        .send(row);
      expect(body).toMatchObject({ accepted: 1 });
    });
  });
});
