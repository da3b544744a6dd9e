import { Command } from 'commander';
import { loadFile } from '../loading/load-file.ts';

/** `load`: brings transactions into a server, from files of NDJSON. */
export const load = new Command('load')
  .description(
    '将 NDJSON 文件(每行一个事务或批 Bundle)载入服务器,可续传 / Brings files of NDJSON (a transaction or batch Bundle a line) into a server; goes on where it was interrupted',
  )
  .argument('<file...>', 'NDJSON')
  .option('--server <url>', 'FHIR', process.env.BASE_URL ?? 'http://localhost:8080/fhir')
  .option('--token <token>', '访问令牌 / access token', process.env.ZHUANZHEN_TOKEN)
  .option('--connections <number>', '并行请求数 / requests at once', Number, 4)
  .option('--again', '从头载入 / begin anew')
  .action(
    async (
      files: string[],
      options: { server: string; token?: string; connections: number; again?: boolean },
    ) => {
      let refused = 0;
      for (const file of files) {
        const { server, token, connections, again = false } = options;
        const done = await loadFile(file, {
          server,
          ...(token !== undefined && { token }),
          connections: Math.min(Math.max(1, Math.trunc(connections) || 1), 32),
          again,
          tell: (line) => void process.stderr.write(`${line}\n`),
        });
        refused += done.refused;
      }
      process.exitCode = refused > 0 ? 1 : 0;
    },
  );

if (import.meta.main) await load.parseAsync();
