import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { MongoClient } from 'mongodb';
import { MongoMemoryReplSet } from 'mongodb-memory-server';

/** How one gives the tests a MongoDB, for those who have none. */
export const howToGiveOne =
  'set TEST_MONGODB_URI to a replica set, or put mongod or secantusd-rs on the PATH, or let npm reach the network';

/** A MongoDB that the tests found or started. */
export interface FoundMongo {
  /** Where it came from, for people. */
  origin: string;
  uri: string;
  /** Ends it, when it was started here. */
  stop(): Promise<void>;
}

/** The MongoDB of this test run, which the global setup has found; undefined when there is none. */
export function mongodbUri(): string | undefined {
  return process.env.TEST_MONGODB_URI || undefined;
}

/** The URI of a new, empty database on the MongoDB of this test run. */
export function newDatabaseUri(server: string): string {
  const uri = new URL(server);
  uri.pathname = `/zhuanzhen-test-${randomUUID().slice(0, 8)}`;
  return uri.href;
}

/**
 * Finds a MongoDB, in this order: `TEST_MONGODB_URI`; `mongod` on the PATH; `secantusd-rs` on the PATH or in
 * `~/.cargo/bin`; `mongodb-memory-server`, which downloads one. Undefined when none is to be had.
 */
export async function findMongo(): Promise<FoundMongo | undefined> {
  const uri = mongodbUri();
  if (uri) return { origin: 'TEST_MONGODB_URI', uri, stop: async () => {} };
  return (await startFoundProgram()) ?? (await downloadAndStart());
}

async function startFoundProgram(): Promise<FoundMongo | undefined> {
  const program = findProgram();
  if (!program) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'zhuanzhen-mongodb-'));
  const server = await startProgram(program, folder, await freePort());
  return {
    origin: program,
    uri: server.uri,
    stop: async () => {
      await server.end('SIGTERM');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function downloadAndStart(): Promise<FoundMongo | undefined> {
  // It warns with a stack trace when there is no network, which is no news: the end of the run says what is missing.
  const warnings = mute('warn');
  try {
    const started = MongoMemoryReplSet.create({ replSet: { count: 1, storageEngine: 'wiredTiger' } });
    const server = await Promise.race([started, sleep(120_000, undefined, { ref: false })]);
    if (!server) return undefined;
    const stop = async () => {
      await server.stop();
    };
    return { origin: 'mongodb-memory-server', uri: server.getUri(), stop };
  } catch {
    return undefined;
  } finally {
    warnings.restore();
  }
}

function mute(method: 'warn'): { restore(): void } {
  const { console } = globalThis;
  const speak = console[method];
  console[method] = () => {};
  return {
    restore: () => {
      console[method] = speak;
    },
  };
}

/** The path of a MongoDB server program on this machine. */
export function findProgram(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return [
    ...folders.map((folder) => join(folder, 'mongod')),
    ...[...folders, join(homedir(), '.cargo', 'bin')].map((folder) => join(folder, 'secantusd-rs')),
  ].find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** A MongoDB server process of a test. */
export interface MongoProcess {
  uri: string;
  /** Sends a signal and resolves when the process is gone. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

/** Starts a server program on a folder and a port; resolves when it takes writes. */
export async function startProgram(program: string, folder: string, port: number): Promise<MongoProcess> {
  const isMongod = program.endsWith('mongod');
  const options = isMongod
    ? ['--dbpath', folder, '--replSet', 'test', '--bind_ip', '127.0.0.1', '--nounixsocket', '--quiet']
    : // Without the flag, majority writes that were acknowledged are lost when the process is killed.
      ['--storage-path', folder, '--sync-on-commit', '--log-level', 'ERROR', '--log-file-max', '16MB'];
  const child = spawn(program, ['--port', String(port), ...options], { stdio: 'ignore' });
  const gone = once(child, 'exit');
  // Whatever ends this process, also a test runner that is stopped by hand, ends the server.
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  try {
    await untilItTakesWrites(child, port, isMongod);
  } catch (error) {
    kill();
    throw error;
  }
  return {
    uri: `mongodb://127.0.0.1:${port}/?directConnection=true`,
    end: async (signal) => {
      child.kill(signal);
      await gone;
      process.off('exit', kill);
    },
  };
}

async function untilItTakesWrites(child: ChildProcess, port: number, isMongod: boolean): Promise<void> {
  const client = new MongoClient(`mongodb://127.0.0.1:${port}/?directConnection=true`, {
    serverSelectionTimeoutMS: 20_000,
  });
  try {
    const admin = client.db('admin');
    if (isMongod) {
      const members = [{ _id: 0, host: `127.0.0.1:${port}` }];
      // Refused when the folder already holds an initiated replica set, which then starts by itself.
      await admin.command({ replSetInitiate: { _id: 'test', members } }).catch(() => {});
    }
    const end = Date.now() + 20_000;
    while (!(await admin.command({ hello: 1 })).isWritablePrimary) {
      if (Date.now() > end || child.exitCode !== null)
        throw new Error('The MongoDB of the tests did not start');
      await sleep(50);
    }
  } finally {
    await client.close();
  }
}

/** A TCP port of the loopback interface that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('No free port');
  return address.port;
}
