import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import type { Resource } from '../../src/fhir/resource.ts';
import { mongodbUri, newDatabaseUri } from './mongodb.ts';
import { untilReadable } from './ready.ts';
import { type Engine, signingKeys } from './server.ts';
import { baseOf, type ServerProcess, startProcess } from './server-process.ts';

/** An answer as a client sees it. */
export interface Answered {
  status: number;
  headers: IncomingMessage['headers'];
  body: Resource;
}

/** One connection to the server, which one process of it answers. */
export interface Line {
  send(method: string, path: string, body?: object, headers?: Record<string, string>): Promise<Answered>;
  close(): void;
}

/** A server of several processes, on an empty store. */
export interface ManyProcesses {
  server: ServerProcess;
  base: string;
  /** The settings that it was started with. */
  environment: Record<string, string>;
  /** The ids of the processes that serve now. */
  pids(): number[];
  /** A connection; the processes take them in turn. */
  line(): Line;
  /** Stops the server, and removes what it has stored. */
  end(): Promise<void>;
}

/** Starts a server of so many processes, and waits until all of them serve. */
export async function startMany(
  engine: Engine,
  count: number,
  environment: Record<string, string> = {},
): Promise<ManyProcesses> {
  const folder = mkdtempSync(join(tmpdir(), 'zhuanzhen-workers-'));
  const uri = engine === 'MongoDB' ? newDatabaseUri(mongodbUri()!) : undefined;
  const settings: Record<string, string> = {
    WORKERS: String(count),
    DATA_DIR: folder,
    MONGODB_URI: uri ?? '',
    ...(uri && { SIGNING_KEYS: signingKeys }),
    ...environment,
  };
  const server = startProcess('src/main.ts', settings);
  const base = await baseOf(server);
  await server.printed(new RegExp(`(?:"msg":"a server process listens"[^]*?){${count}}`));
  await untilReadable(base);
  const lines = new Set<Line>();

  function line(): Line {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const opened: Line = {
      send: (method, path, body, headers) =>
        send(agent, method, path === '' ? base : `${base}/${path}`, body, headers),
      close: () => agent.destroy(),
    };
    lines.add(opened);
    return opened;
  }

  return {
    server,
    base,
    environment: settings,
    pids: () => {
      const started = [
        ...server.output.stderr.matchAll(/"pid":(\d+),[^\n]*"msg":"a server process listens"/g),
      ];
      const ended = [...server.output.stderr.matchAll(/"ended":(\d+)/g)].map(([, pid]) => pid);
      return started
        .map(([, pid]) => pid!)
        .filter((pid) => !ended.includes(pid))
        .map(Number);
    },
    line,
    end: async () => {
      for (const each of lines) each.close();
      server.child.kill('SIGTERM');
      await server.gone;
      rmSync(folder, { recursive: true, force: true });
      if (!uri) return;
      const client = new MongoClient(uri);
      await client.db().dropDatabase();
      await client.close();
    },
  };
}

async function send(
  agent: Agent,
  method: string,
  url: string,
  body?: object,
  headers: Record<string, string> = {},
): Promise<Answered> {
  const text = body && JSON.stringify(body);
  const sent = request(url, {
    agent,
    method,
    headers: { ...(text && { 'Content-Type': 'application/fhir+json' }), ...headers },
  });
  const answered = once(sent, 'response');
  sent.end(text);
  const [answer] = (await answered) as [IncomingMessage];
  answer.setEncoding('utf8');
  let json = '';
  for await (const part of answer) json += part;
  return {
    status: answer.statusCode!,
    headers: answer.headers,
    body: (json ? JSON.parse(json) : {}) as Resource,
  };
}
