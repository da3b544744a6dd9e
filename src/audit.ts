import { once } from 'node:events';
import { userInfo } from 'node:os';
import { parseArgs } from 'node:util';
import { exportAudit } from './access/audit/export.ts';
import { openAuditStore } from './access/audit/open-store.ts';
import { prune } from './access/audit/prune.ts';
import { verify, type Witness } from './access/audit/verify.ts';
import { readSettings, type Settings } from './settings.ts';

const usage = `npm run audit -- verify [--witness RECORD:HASH]
  follows the chain of the audit log and says the first place of tampering; the witness is a line of the server's log
npm run audit -- export [--from INSTANT] [--to INSTANT]
  prints the AuditEvents recorded from one instant until before the other, as NDJSON, oldest first
npm run audit -- prune [--days N]
  deletes the records older than N days (default: AUDIT_RETENTION), and records that

The log is that of DATA_DIR or MONGODB_URI, as for the server, which may be running.
`;

/** The command by which the audit log is verified, exported and pruned. Ends with 1 when the log was tampered with. */
async function main(): Promise<number> {
  const text = { type: 'string' } as const;
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { witness: text, from: text, to: text, days: text },
  });
  const settings = readSettings(process.env);
  const [command] = positionals;
  if (command === 'verify') return verifyLog(settings, witnessOf(values.witness));
  if (command === 'export') return exportLog(settings, instantOf(values.from), instantOf(values.to));
  if (command === 'prune') return pruneLog(settings, daysOf(values.days) ?? settings.auditRetention);
  throw new Error(`There is no command ${command ?? '(none given)'}`);
}

async function verifyLog(settings: Settings, witness: Witness | undefined): Promise<number> {
  const store = await openAuditStore(settings);
  try {
    const { records, last, hash, fault } = await verify(store, witness);
    if (fault) print(`TAMPERED at record ${fault.record}, batch ${fault.batch}: ${fault.what}`);
    else print(`${records} records are as they were written; the log ends with record ${last}, hash ${hash}`);
    return fault ? 1 : 0;
  } finally {
    await store.close();
  }
}

async function exportLog(settings: Settings, from?: number, to?: number): Promise<number> {
  const store = await openAuditStore(settings);
  try {
    for await (const line of exportAudit(store, settings.baseUrl, { from, to }))
      if (!process.stdout.write(`${line}\n`)) await once(process.stdout, 'drain');
    return 0;
  } finally {
    await store.close();
  }
}

async function pruneLog(settings: Settings, days: number): Promise<number> {
  const store = await openAuditStore(settings);
  try {
    const pruned = await prune(store, { days, now: Date.now(), by: userInfo().username });
    print(pruned ? `Records up to ${pruned.last} were deleted` : `No batch is older than ${days} days`);
    return 0;
  } finally {
    await store.close();
  }
}

function witnessOf(given: string | undefined): Witness | undefined {
  if (given === undefined) return undefined;
  const [, record, hash] = /^(\d{1,15}):([A-Za-z0-9+/]{43}=)$/.exec(given) ?? [];
  if (hash === undefined) throw new Error('--witness takes the number of a record, a colon, and its hash');
  return { record: Number(record), hash };
}

function instantOf(given: string | undefined): number | undefined {
  if (given === undefined) return undefined;
  const instant = Date.parse(given);
  if (Number.isNaN(instant)) throw new Error(`${given} is no date or instant, such as 2027-01-31`);
  return instant;
}

function daysOf(given: string | undefined): number | undefined {
  if (given !== undefined && !/^[1-9]\d{0,4}$/.test(given)) throw new Error('--days takes a number of days');
  return given === undefined ? undefined : Number(given);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n\n${usage}`);
  process.exitCode = 2;
}
