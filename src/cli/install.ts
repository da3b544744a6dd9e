import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { isBuiltIn } from '../fhir/packages/installation.ts';
import { type ReadManifest, readPackage, UnreadablePackage } from '../fhir/packages/read-package.ts';
import { Complaint } from './command.ts';

interface Given {
  file: string;
  bytes: Buffer;
  manifest: ReadManifest;
}

/** `install`: brings FHIR packages into a server, those first on which others depend. */
export const install = new Command('install')
  .description(
    '在服务器上安装 FHIR 包(.tgz),有依赖的一并给出 / Installs FHIR packages (.tgz) on a server; give those that they depend on with them',
  )
  .argument('<package...>', '.tgz')
  .option('--server <url>', 'FHIR', process.env.BASE_URL ?? 'http://localhost:8080/fhir')
  .option('--token <token>', '访问令牌 / access token', process.env.ZHUANZHEN_TOKEN)
  .addHelpText(
    'after',
    `
例 / Examples:
  zhuanzhen install hl7.fhir.uv.ips.tgz hl7.terminology.r4.tgz
  zhuanzhen install package.tgz --server https://fhir.example.org/fhir --token "$TOKEN"
`,
  )
  .action(async (files: string[], { server, token }: { server: string; token?: string }) => {
    const given = inOrder(await Promise.all(files.map(read)));
    for (const line of missing(given)) process.stderr.write(`${line}\n`);
    for (const each of given) process.stdout.write(`${await send(each, server, token)}\n`);
  });

async function read(file: string): Promise<Given> {
  const bytes = readFileSync(file);
  try {
    return { file, bytes, manifest: (await readPackage([bytes])).manifest };
  } catch (error) {
    if (error instanceof UnreadablePackage)
      throw new Complaint(`${file}: ${error.text.zh} / ${error.text.en}`);
    throw error;
  }
}

/** Packages behind those that they depend on, as far as these are given. */
function inOrder(given: readonly Given[]): Given[] {
  const byName = new Map(given.map((each) => [each.manifest.name, each]));
  const placed = new Set<Given>();
  const place = (each: Given, over: readonly Given[]): void => {
    if (placed.has(each) || over.includes(each)) return;
    for (const name of Object.keys(each.manifest.dependencies)) {
      const dependency = byName.get(name);
      if (dependency) place(dependency, [...over, each]);
    }
    placed.add(each);
  };
  for (const each of given) place(each, []);
  return [...placed];
}

function missing(given: readonly Given[]): string[] {
  const names = new Set(given.map(({ manifest }) => manifest.name));
  return given.flatMap(({ manifest }) =>
    Object.entries(manifest.dependencies)
      .filter(([name]) => !names.has(name) && !isBuiltIn(name))
      .map(
        ([name, version]) =>
          `${manifest.name} 依赖 ${name}#${version},未给出 / depends on ${name}#${version}, which is not given`,
      ),
  );
}

/** Sends a package, and gives what the server says of it. Throws a Complaint where it refuses it. */
async function send({ file, bytes }: Given, server: string, token: string | undefined): Promise<string> {
  const response = await fetch(`${server.replace(/\/$/, '')}/packages`, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/gzip',
      ...(token !== undefined && { Authorization: `Bearer ${token}` }),
    },
    body: new Uint8Array(bytes),
  });
  const { issue = [] } = (await response.json().catch(() => ({}))) as {
    issue?: { severity: string; details?: { text?: string }; diagnostics?: string }[];
  };
  const lines = issue.map(({ severity, details, diagnostics }) =>
    [severity === 'information' ? '' : `${severity}: `, details?.text ?? diagnostics ?? ''].join(''),
  );
  if (!response.ok) throw new Complaint([`${file}: HTTP ${response.status}`, ...lines].join('\n'));
  return lines.join('\n');
}

if (import.meta.main) await install.parseAsync();
