import { setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import pino from 'pino';
import { assemble } from '../assemble.ts';
import { decodeText, parseJson } from '../fhir/json/parse.ts';
import { createSearchParameters } from '../fhir/search/parameters.ts';
import { loadXml } from '../fhir/xml/xml.ts';
import { asRefusal, reportTo } from '../http/as-refusal.ts';
import { binaryOf } from '../http/binary.ts';
import { createOwnAddresses } from '../http/own-addresses.ts';
import type { Answer } from '../interactions/answer.ts';
import { createRoutes } from '../interactions/routes.ts';
import { outlookOn, type StoredParameters } from '../interactions/search-parameters/outlook.ts';
import { assignStandings, type Standings } from '../interactions/search-parameters/standing.ts';
import { usableParameters } from '../interactions/search-parameters/usable.ts';
import type { Server } from '../interactions/server.ts';
import { DefinitionsInForce } from '../interactions/stored-definitions/definitions-in-force.ts';
import { readDefinitions } from '../project.ts';
import { RulesInForce } from '../referral/rules/rules-in-force.ts';
import { distantStore } from './distant-store.ts';
import {
  type FromThread,
  type LargeBody,
  outcomeOf,
  type Task,
  type ThreadData,
  type ToThread,
} from './messages.ts';

/** The thread that runs large requests: all parts of the server but the store and the sockets. */
const { settings, base, otherBaseUrls, version, secret, sealKey } = workerData as ThreadData;

const log = pino({ level: settings.logLevel }, pino.destination({ fd: 2 }));
const send = (message: FromThread) => parentPort!.postMessage(message);
// One request runs at a time: this is its present, and the search parameters in force.
let now = 0;
const distant = distantStore(send, (instant) => {
  now = instant;
});
const definitions = readDefinitions();
const defined = createSearchParameters(definitions);
let parameters = defined;
let standings: Standings = { parameters: defined, all: [] };
let firsts: ReadonlyMap<string, number> = new Map();
const report = reportTo(log);
// What is stored of the rules is asked for by each request: nobody tells this thread.
const rules = new RulesInForce({
  // The rules hold whatever the scopes of who asks let them see.
  stored: distant.stored.entire ?? distant.stored,
  shown: distant.store.entire ?? distant.store,
  definitions,
  interval: 0,
  now: () => now,
  report,
});
// So too for what resources are validated by.
const inForce = new DefinitionsInForce({
  stored: distant.stored.entire ?? distant.stored,
  shipped: definitions,
  now: () => now,
  report,
  interval: Number.POSITIVE_INFINITY,
});
const server = assemble({
  rules,
  validator: inForce.validator,
  definitions,
  settings,
  secret,
  sealKey,
  base,
  store: distant.store,
  stored: distant.stored,
  codeTables: distant.codeTables,
  parameters: () => parameters,
  outlook: (changes) => outlookOn(defined, standings.all, firsts, changes),
  now: () => now,
});
const { router } = createRoutes(definitions, {
  version,
  started: new Date().toISOString(),
  contain: (error) => asRefusal(error, log, 'batch'),
});
const own = createOwnAddresses(base, otherBaseUrls);

// Started as fast as can be; from here on who serves goes first. On Linux this is the priority of this thread alone,
// elsewhere it would be that of all.
if (process.platform === 'linux') setPriority(0, 10);

parentPort!.on('message', (message: ToThread) => {
  if (message.kind === 'task')
    void outcomeOf(run(message)).then((outcome) => send({ kind: 'answer', outcome }));
  else if (message.kind === 'parameters') learn(message.parameters);
  else distant.take(message);
});

/** Puts into force what the thread that serves has in force. */
function learn(known: StoredParameters): void {
  standings = assignStandings(defined, known.stored);
  parameters = usableParameters(standings, known.indexing);
  firsts = known.firsts;
}

async function run({ segments, request, body, actor, client, isRecorded, ...task }: Task): Promise<Answer> {
  now = task.now;
  const { route } = router(request.method, segments);
  const asked: Server = {
    ...server,
    ...(actor && { actor }),
    ...(client && { client }),
    ...(isRecorded && { trail: distant.trail }),
    get parameters() {
      return parameters;
    },
  };
  // Answers that are fetched later are kept by the thread that serves; a client's preference can be left aside.
  const { respondAsync, ...prefer } = request.prefer;
  const read = { ...request, prefer, ...(body && { body: await bodyOf(body, request.id) }) };
  await inForce.look();
  send({ kind: 'routed' });
  return route.run(asked, read);
}

async function bodyOf({ chunks, isXml, content }: LargeBody, id: string | undefined): Promise<unknown> {
  const bytes = Buffer.concat(chunks);
  if (content) return binaryOf(content, bytes, id);
  const text = isXml ? (await loadXml(definitions)).read(bytes, settings.maxDepth) : decodeText(bytes);
  return parseJson(own.inText(text), settings.maxDepth);
}
