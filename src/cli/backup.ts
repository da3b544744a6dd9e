import { resolve } from 'node:path';
import { Command } from 'commander';
import { backUp, NoBackup } from '../backup/backup.ts';
import { progress } from './progress.ts';

const help = `
例 / Examples:
  zhuanzhen backup /backups/2026-12-01                          备份 ./data / backs up ./data
  zhuanzhen backup /backups/$(date +%F) --data /srv/zhuanzhen   备份另一文件夹 / another folder
  DATA_DIR=/backups/2026-12-01 PORT=8090 AUDIT=off zhuanzhen serve   在副本上启动以查看 / look into a copy

恢复:停止服务器,移开数据文件夹,将备份复制到原处,再启动:
To restore: stop the server, put its folder aside, copy the backup to where that was, and start:
  mv data data.broken && cp -a /backups/2026-12-01 data && npm start

服务器运行时亦可备份,不影响其读写。副本含患者资料、审计和签名密钥,请加密保存,并定期试着恢复。
The server may be running, and goes on serving. The copy holds health data, the audit and the signing keys: keep it
encrypted, and try to restore it now and then.
MongoDB: 请用 / use  mongodump --uri "$MONGODB_URI" --oplog --gzip --archive=zhuanzhen.gz
`;

const ofMongoDB = `MONGODB_URI 已设置:请用 MongoDB 自己的工具,如 mongodump --oplog(副本集)、文件系统快照或云服务的备份,并另存 DATA_DIR 中的 signing-keys.json 和 audit-….journal
MONGODB_URI is set: use what MongoDB brings, such as mongodump --oplog (of a replica set), a snapshot of its file system, or the backups of its provider; and keep signing-keys.json and audit-….journal of DATA_DIR with it
`;

/** `backup`: copies the data of the embedded engine while a server runs on them. */
export const backup = new Command('backup')
  .description(
    '备份嵌入式数据库的数据,服务器可在运行 / Backs up the data of the embedded database, while the server runs or not',
  )
  .argument('<folder>', '新的文件夹 / a new folder')
  .option(
    '--data <folder>',
    '数据文件夹 / the folder with the data (DATA_DIR)',
    process.env.DATA_DIR || './data',
  )
  .addHelpText('after', help)
  .action(async (to: string, { data }: { data: string }) => {
    if (process.env.MONGODB_URI || process.env.MONGODB_URI_FILE) {
      process.stderr.write(ofMongoDB);
      process.exitCode = 1;
      return;
    }
    const bar = progress('备份 / backup');
    try {
      const files = await backUp(resolve(data), resolve(to), (file, done, all) => bar.show(done, all, file));
      bar.end();
      process.stdout.write(`${resolve(to)}: ${files.join(', ')}\n`);
    } catch (error) {
      bar.end();
      if (!(error instanceof NoBackup) && (error as NodeJS.ErrnoException).code === undefined) throw error;
      process.stderr.write(`${(error as Error).message}\n`);
      process.exitCode = 1;
    }
  });

if (import.meta.main) await backup.parseAsync();
