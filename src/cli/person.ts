import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { createAccounts } from '../access/identity/accounts.ts';
import { openState } from '../access/identity/open.ts';
import type { Settings } from '../settings.ts';
import { administer } from './administration.ts';
import { Complaint, runCommand } from './command.ts';

const usage = `npm run person -- add --name LOGIN --practitioner Practitioner/ID [--password-file FILE]
                      (a name that is there gets another password; without a file one is made and shown once
                       / 已有的用户名即重设密码;不给文件则生成密码,只显示一次)
npm run person -- revoke LOGIN
npm run person -- list
`;

const leastLength = 10;

const options = {
  name: { type: 'string' },
  practitioner: { type: 'string' },
  'password-file': { type: 'string' },
} as const;

async function add(
  settings: Settings,
  accounts: ReturnType<typeof createAccounts>,
  {
    name,
    practitioner,
    'password-file': file,
  }: { name?: string; practitioner?: string; 'password-file'?: string },
): Promise<string> {
  if (!name || !practitioner || !/^Practitioner\/[A-Za-z0-9\-.]{1,64}$/.test(practitioner))
    throw new Complaint(usage);
  if (!(await administer(settings, (administration) => administration.read(practitioner))))
    throw new Complaint(`There is no ${practitioner}`);
  const password = file
    ? readFileSync(file, 'utf8').replace(/\r?\n$/, '')
    : randomBytes(12).toString('base64url');
  if (password.length < leastLength) throw new Complaint(`A password has at least ${leastLength} characters`);
  await accounts.set(name, practitioner, password);
  return file ? `${name}\n` : `name: ${name}\npassword: ${password}\n`;
}

await runCommand(async (settings) => {
  let parsed: ReturnType<typeof parseArgs<{ options: typeof options; allowPositionals: true }>>;
  try {
    parsed = parseArgs({ options, allowPositionals: true });
  } catch (error) {
    throw new Complaint(`${(error as Error).message}\n${usage}`);
  }
  const [action, name] = parsed.positionals;
  const state = await openState(settings());
  const accounts = createAccounts(state);
  try {
    if (action === 'add') return await add(settings(), accounts, parsed.values);
    if (action === 'revoke' && name) {
      if (!(await accounts.revoke(name))) throw new Complaint(`There is no ${name}`);
      return `${name} is revoked / 已停用\n`;
    }
    if (action !== 'list') throw new Complaint(usage);
    const all = await accounts.all();
    return all
      .map((each) => `${each.name}\t${each.isRevoked ? 'revoked' : 'active'}\t${each.person}\n`)
      .join('');
  } finally {
    await state.close();
  }
});
