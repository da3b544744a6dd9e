import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import type { Resource } from '../../fhir/resource.ts';
import { type Running, start } from '../../main.ts';
import { readSettings } from '../../settings.ts';
import { untilReady } from '../../store/until-ready.ts';
import { Complaint } from '../command.ts';

/** A server that is asked. */
export interface Asked {
  /** Sends a text, and gives the status and what is said. */
  send(path: string, text: string): Promise<{ status: number; body: Resource }>;
  close(): Promise<void>;
}

/** A server of this process alone, with its parts. */
export interface OwnServer extends Asked, Pick<Running, 'server' | 'router'> {}

/** How a text is sent: by what it begins with. */
const typeOf = (text: string) =>
  text.trimStart().startsWith('<') ? 'application/fhir+xml' : 'application/fhir+json';

/** A server somewhere, by its base URL. */
export function serverAt(base: string, token?: string): Asked {
  return {
    send: async (path, text) => {
      const headers = {
        'Content-Type': typeOf(text),
        Accept: 'application/fhir+json',
        ...(token !== undefined && { Authorization: `Bearer ${token}` }),
      };
      try {
        const url = `${base.replace(/\/$/, '')}${path}`;
        const response = await fetch(url, { method: 'POST', headers, body: text });
        return { status: response.status, body: (await response.json()) as Resource };
      } catch (error) {
        const { message, cause } = error as Error;
        throw new Complaint(`${base}: ${cause instanceof Error ? cause.message || message : message}`);
      }
    },
    close: async () => {},
  };
}

/**
 * A server of this process alone, in a folder that is gone afterwards, which knows the community of some bundles: what is
 * checked offline is checked by the very same parts. Whatever ends the process but a kill, what was kept is gone with it.
 * Throws a Complaint for a bundle that it refuses.
 */
export async function ownServer(community: readonly string[]): Promise<OwnServer> {
  const folder = mkdtempSync(join(tmpdir(), 'zhuanzhen-check-'));
  const settings = readSettings({
    DATA_DIR: folder,
    HOST: '127.0.0.1',
    PORT: '0',
    AUTH: 'off',
    AUDIT: 'off',
  });
  const remove = () => rmSync(folder, { recursive: true, force: true });
  const interrupted = () => {
    remove();
    process.exit(130);
  };
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted);
  const running = await start(settings, pino({ level: 'silent' }));
  const { send } = serverAt(running.base);
  const close = async () => {
    await running.stop();
    process.off('SIGINT', interrupted).off('SIGTERM', interrupted);
    remove();
  };
  await untilReady(running.server.store);
  for (const file of community) {
    const { status, body } = await send('', readFileSync(file, 'utf8'));
    if (status >= 400) {
      await close();
      const [issue] = (body.issue ?? []) as { details?: { text?: string } }[];
      throw new Complaint(`${file}: ${issue?.details?.text ?? status}`);
    }
  }
  return { send, close, server: running.server, router: running.router };
}
