import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { AuditStore } from './audit-store.ts';

/** Where the data are, beside which the log is kept. */
export interface AuditPlace {
  mongodbUri: string | undefined;
  /** How long MongoDB may be silent, in milliseconds. */
  mongodbTimeout: number;
  dataDir: string;
}

/** Opens the log of the engine that is used, whose driver alone is loaded: the file `audit.sqlite`, or the collection `audit`. */
export async function openAuditStore({
  mongodbUri,
  mongodbTimeout,
  dataDir,
}: AuditPlace): Promise<AuditStore> {
  if (mongodbUri) {
    const { openMongoAudit } = await import('./mongodb/store.ts');
    return openMongoAudit({ uri: mongodbUri, silence: mongodbTimeout });
  }
  const { openSqliteAudit } = await import('./sqlite/store.ts');
  mkdirSync(dataDir, { recursive: true });
  return openSqliteAudit(join(dataDir, 'audit.sqlite'));
}
