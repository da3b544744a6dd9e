import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Resource } from '../../src/fhir/resource.ts';

const program = fileURLToPath(new URL('../../../shared/oracle/oracle', import.meta.url));

/** HL7's engines as a second opinion, which the global setup has started. */
export interface Oracle {
  url: string;
  stop(): Promise<void>;
}

/** How long it may take to be built, the first time on a machine, and to start, in milliseconds. */
const patience = 240_000;

/**
 * Starts HL7's reference validator and FHIRPath engine, when it is beside the project and there is a Java to run it;
 * undefined otherwise, or when it does not start in time.
 */
export async function startOracle(): Promise<Oracle | undefined> {
  const given = process.env.ORACLE_URL;
  if (given) return { url: given, stop: async () => {} };
  if (!existsSync(program) || spawnSync('java', ['-version']).status !== 0) return undefined;
  const child = spawn(program, ['serve', '--port', '0'], { stdio: ['ignore', 'pipe', 'ignore'] });
  const address = await Promise.race([
    addressOf(child),
    once(child, 'error'),
    once(child, 'exit'),
    timeout(),
  ]);
  if (typeof address !== 'string') {
    child.kill();
    return undefined;
  }
  return {
    url: `http://${address}`,
    stop: async () => {
      if (child.kill()) await once(child, 'exit');
    },
  };
}

/** What HL7's FHIRPath engine says: the values and their types, or why there are none. */
export interface OracleAnswer {
  result?: unknown[];
  types?: string[];
  error?: string;
}

/** Asks the engine at `url` for the value of an expression on a resource. */
export async function askOracle(url: string, expression: string, resource: object): Promise<OracleAnswer> {
  const body = JSON.stringify({ expression, resource });
  const response = await fetch(`${url}/fhirpath`, { method: 'POST', body });
  return (await response.json()) as OracleAnswer;
}

/** Whether HL7's validator at `url` finds no error in a resource. */
export async function validateByOracle(url: string, resource: Resource): Promise<boolean> {
  const response = await fetch(url, { method: 'POST', body: JSON.stringify(resource) });
  return ((await response.json()) as { valid: boolean }).valid;
}

/** HL7's engine orders members and writes narratives in its own way, names no type, and gives numbers as texts. */
export function comparable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(comparable);
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => !['resourceType', 'fhir_comments', 'div'].includes(name))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, member]) => [name, comparable(member)]),
  );
}

async function addressOf({ stdout }: ChildProcess): Promise<string | undefined> {
  for await (const line of createInterface(stdout!)) {
    const address = /listening on (127\.0\.0\.1:\d+)/.exec(line)?.[1];
    if (address) return address;
  }
  return undefined;
}

function timeout(): Promise<undefined> {
  return new Promise((resolve) => setTimeout(resolve, patience, undefined).unref());
}
