import cluster from 'node:cluster';
import { createHash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import pino, { type Logger } from 'pino';
import { createAlliances } from './access/alliances.ts';
import { type Audit, openAudit } from './access/audit/audit.ts';
import { openAuditStore } from './access/audit/open-store.ts';
import { showAudit } from './access/audit/show.ts';
import { createBreakTheGlass } from './access/break-the-glass.ts';
import { createDecisionClock } from './access/decision-clock.ts';
import type { Identity } from './access/identity/identity.ts';
import { openState } from './access/identity/open.ts';
import { openedWhenNeeded } from './access/identity/state/when-needed.ts';
import { labelStore } from './access/labels/labelled-store.ts';
import { createRelabelling, type Relabelling } from './access/relabelling.ts';
import { onTime, seenBy, seenByAll } from './access/seen-by.ts';
import { assemble } from './assemble.ts';
import { readActor } from './http/actor.ts';
import { createApp } from './http/app.ts';
import { asRefusal, reportTo } from './http/as-refusal.ts';
import { boundConnections, type Connections } from './http/connections.ts';
import { createGuide } from './http/guide/guide.ts';
import { createIntake } from './http/intake/intake.ts';
import { isToWebSocket, listen, secured } from './http/listen.ts';
import { createPackages } from './http/packages/packages.ts';
import type { Router } from './interactions/batch.ts';
import { type Clock, createClock } from './interactions/clock.ts';
import { announceKept } from './interactions/kept.ts';
import { announceRefused } from './interactions/refused-content.ts';
import { createRoutes } from './interactions/routes.ts';
import { AddedParameters } from './interactions/search-parameters/added-parameters.ts';
import type { Server } from './interactions/server.ts';
import { showDefinitions } from './interactions/shipped-definitions.ts';
import { DefinitionsInForce } from './interactions/stored-definitions/definitions-in-force.ts';
import { type Jobs, startJobs } from './jobs/jobs.ts';
import { createLargeRequests } from './large-requests/large-requests.ts';
import { besideLargeTexts } from './large-requests/large-texts.ts';
import { forThread } from './large-requests/messages.ts';
import { createNotifications } from './notifications/notifications.ts';
import { createSeal } from './notifications/secrets.ts';
import { createTargets } from './notifications/targets.ts';
import { topicsOf } from './notifications/topics.ts';
import { openStore } from './open-store.ts';
import { project, readDefinitions } from './project.ts';
import { collectWhenQuiet } from './quiet-collection.ts';
import { Mappings } from './referral/intake/mappings.ts';
import { referralJobs } from './referral/jobs.ts';
import { createVerifyReferral } from './referral/papers/certificate/verify-referral.ts';
import { createPaperDocument } from './referral/papers/paper-document.ts';
import { createPrinter } from './referral/papers/pdf/printer.ts';
import { importCounts } from './referral/registers/counts/import-counts.ts';
import { monthlyFeedback } from './referral/registers/feedback/monthly-feedback.ts';
import { recordRefused } from './referral/registers/first-pass/record-refused.ts';
import { ledger } from './referral/registers/ledger/ledger.ts';
import { createMeasureOperations } from './referral/registers/measures/operations.ts';
import { betweenServers, RulesInForce } from './referral/rules/rules-in-force.ts';
import { readSettings, reasonOf, type Settings } from './settings.ts';
import type { Store } from './store/store.ts';
import { createCounts } from './workers/counts.ts';
import { isNoticed } from './workers/noticed-types.ts';
import { alone, type Siblings, type TurnName } from './workers/siblings.ts';
import { asWorker } from './workers/worker.ts';
import { boundYoungGeneration } from './young-generation.ts';

/** How often to look for definitions that other servers on the same database have stored, in milliseconds. */
const betweenLooks = 1000;

/** A server that listens. */
export interface Running {
  server: Server;
  router: Router;
  jobs: Jobs;
  /** What labels anew what was stored before. */
  relabelling: Relabelling;
  /** Who may come in; undefined while access control is off. */
  identity?: Identity;
  /** The URL of the API, with the port that was really taken. */
  base: string;
  /** Stops listening, lets running requests end, and closes the store. */
  stop(): Promise<void>;
}

/**
 * Builds all parts and starts the server: it listens at once, also while the database is not there yet. `machine` is the
 * clock of the machine, in milliseconds since the epoch. `siblings` are the processes beside this one.
 */
export async function start(
  settings: Settings,
  log: Logger,
  machine: () => number = Date.now,
  siblings: Siblings = alone(createCounts({ ...settings, now: machine })),
): Promise<Running> {
  const definitions = readDefinitions();
  const writingTurn = async () => {
    const { note, pass } = await siblings.turn('write');
    clock.notBefore(note ?? Number.NEGATIVE_INFINITY);
    return () => pass(clock.now());
  };
  const { outbox, codeTables, ...opened } = await openStore(settings, log, siblings, writingTurn);
  const auditStore = settings.audit ? await openAuditStore(settings) : undefined;
  const clock = createClock(opened, machine);
  const prepared = settings.auth === 'on' ? await prepareAccess(settings) : undefined;
  const printer = createPrinter();
  // From here to the handler nothing waits, so no request comes before there is someone to answer it.
  const http = settings.tls
    ? createSecureServer({ ...secured(settings.tls), shouldUpgradeCallback: isToWebSocket })
    : createServer({ shouldUpgradeCallback: isToWebSocket });
  const connections = boundConnections(http);
  const port = await listen(http, settings);
  const withPort = (url: string) => url.replace(/:0(?=\/)/, `:${port}`);
  const base = withPort(settings.baseUrl);
  // Beside each resource stands who may read it, also while everybody may.
  const labelling = { base, alliances: createAlliances(), now: clock.now };
  const store = labelStore(opened, labelling);
  const decisions = createDecisionClock(store, labelling);
  const limits = { ...settings, otherBaseUrls: settings.otherBaseUrls.map(withPort) };
  const report = reportTo(log);
  const relabelling = createRelabelling(store, labelling, { interval: settings.jobInterval, report });
  const turnTo = async (name: TurnName) => (await siblings.turn(name)).pass;
  const audit =
    auditStore && startAudit(settings, auditStore, base, clock, { turn: () => turnTo('audit'), log });
  const access = prepared?.build({
    store,
    definitions,
    base,
    otherBases: limits.otherBaseUrls,
    log,
    counts: siblings.counts,
    audit,
    now: machine,
  });
  const tell = (types: readonly string[]) => siblings.tell({ kind: 'kept', types });
  const added = new AddedParameters({
    ...{ store, definitions, base, now: clock.now, report },
    ...(!siblings.isAlone && {
      others: { turn: () => turnTo('index'), tell: () => tell(['SearchParameter']) },
    }),
  });
  const countRefused = recordRefused(() => ({ ...server, store: inTime(store, clock) }));
  const shown = showDefinitions(
    announceKept(announceRefused(inTime(store, clock), countRefused), async (versions) => {
      const noticed = versions.map(({ type }) => type).filter(isNoticed);
      if (noticed.length > 0) await tell([...new Set(noticed)]);
      await access?.identity.kept(versions);
      await added.kept(versions);
      await decisions.kept(versions);
      await relabelling.kept(versions);
      await rules.kept(versions);
      await inForce.kept(versions);
      await notifications.kept(versions);
    }),
    definitions,
    {
      base,
      get parameters() {
        return added.current;
      },
    },
  );
  // Nobody else writes to the store of a single process on the embedded engine.
  const isOnly = settings.mongodbUri === undefined && siblings.isAlone;
  const interval = isOnly ? Number.POSITIVE_INFINITY : betweenServers;
  const rules = new RulesInForce({ stored: store, shown, definitions, interval, now: clock.now, report });
  const inForce = new DefinitionsInForce({
    stored: store,
    shipped: definitions,
    now: clock.now,
    report,
    interval: isOnly ? Number.POSITIVE_INFINITY : betweenLooks,
  });
  const withAudit = (of: Store): Store =>
    audit
      ? showAudit(
          of,
          {
            store: audit.store,
            base,
            get parameters() {
              return added.current;
            },
          },
          async () => void (await Promise.all([audit.flushed(), siblings.tell({ kind: 'flush' })])),
        )
      : of;
  const topics = topicsOf(definitions);
  const notifications = createNotifications(`${base.replace(/^http/, 'ws')}/websocket`);
  const ownOperations = [
    ...notifications.operations,
    createBreakTheGlass(() => server),
    createPaperDocument(printer),
    ledger,
    ...createMeasureOperations(),
    importCounts,
    monthlyFeedback,
    createVerifyReferral({
      reader: store,
      limit: siblings.counts.misses,
      report: (count) => log.warn(count, 'verifications of referrals that found nothing'),
    }),
  ];
  // Without access control, whoever can read the address of the data can read the data.
  const secret =
    prepared?.secret('page links') ??
    createHash('sha256')
      .update(settings.mongodbUri ?? settings.dataDir)
      .digest('hex');
  const sealKey =
    prepared?.secret('subscriptions') ??
    createHash('sha256').update(`subscriptions ${secret}`).digest('base64url');
  const server: Server = assemble({
    sealKey,
    definitions,
    codeTables,
    settings,
    base,
    stored: withAudit(shown.stored),
    store: {
      ...withAudit(shown),
      ready: async () => {
        await store.ready();
        await added.loaded();
        await inForce.loaded();
      },
    },
    parameters: () => added.current,
    outlook: (changes) => added.outlook(changes),
    operations: ownOperations,
    rules,
    validator: inForce.validator,
    secret,
    ...(access && { security: access.security }),
    subscriptions: notifications.capabilities(topics),
    now: clock.now,
  });
  const { version } = JSON.parse(readFileSync(`${project}package.json`, 'utf8')) as { version: string };
  const contain = (error: unknown) => asRefusal(error, log, 'batch');
  const isOwn = (operation: string) => ownOperations.some(({ name }) => name === operation);
  const answers = openedWhenNeeded(() => openState(settings, 'answers'));
  const {
    router,
    routes,
    stop: stopRoutes,
  } = createRoutes(definitions, {
    version,
    started: new Date().toISOString(),
    contain,
    memory: answers,
    beside: (routes) => besideLargeTexts(routes, { largeRequests: () => largeRequests, isOwn }),
  });
  const see = settings.auth === 'on' ? onTime(seenBy, decisions) : seenByAll;
  const largeRequests = createLargeRequests({
    data: {
      settings: forThread(settings),
      base,
      otherBaseUrls: limits.otherBaseUrls,
      version,
      secret,
      sealKey,
    },
    parameters: () => added.state,
    ownOperations: ownOperations.map(({ name }) => name),
  });
  const authenticate = access?.authenticate ?? readActor;
  const mappings = new Mappings(definitions);
  const { maxBodyBytes } = limits;
  const intake = createIntake({ server, authenticate, see, audit, router, mappings, maxBodyBytes, log });
  const guide = createGuide(new URL(base).pathname, version);
  const packages = createPackages({
    ...{ path: new URL(base).pathname, server, authenticate, see, audit, largeRequests, maxBodyBytes, log },
  });
  const app = createApp(server, {
    router,
    routes,
    version,
    audit,
    limits,
    authenticate,
    see,
    largeRequests,
    beside: [...(access ? [access.routes] : []), intake, guide, packages],
    notices: access ? {} : { 'X-Access-Control': 'off' },
    isSecure: settings.tls !== undefined,
    trustedProxies: settings.trustedProxies,
    log,
  });
  siblings.hear(async (news) => {
    if (news.kind === 'flush') return audit?.flushed();
    const kept = news.types.map((type) => ({ type }));
    if (news.types.includes('OrganizationAffiliation')) labelling.alliances.forget();
    await access?.identity.kept(kept);
    await decisions.kept(kept);
    await Promise.all([added.keptElsewhere(kept), rules.kept(kept), inForce.keptElsewhere(kept)]);
  });
  http.on('request', app);
  added.begin();
  inForce.begin();
  notifications.begin({
    outbox,
    server: () => server,
    see,
    standing: access && { directory: access.identity.directory, mayStay: access.identity.accounts.mayStay },
    audit,
    topics,
    seal: createSeal(sealKey),
    targets: createTargets({ networks: settings.subscriptionNetworks, http: settings.subscriptionHttp }),
    patience: {
      first: settings.subscriptionRetry,
      longest: Math.max(settings.subscriptionRetry, longestRetry),
      most: settings.subscriptionPatience,
    },
    lease: isOnly ? undefined : delivererLease,
    report,
    authenticate: (message) =>
      authenticate(
        Object.assign(message, { ip: message.socket.remoteAddress }) as Parameters<typeof authenticate>[0],
      ),
    origins: settings.corsOrigins,
  });
  http.on('upgrade', notifications.upgrade);
  const jobs = startJobs(server, {
    jobs: referralJobs(definitions),
    interval: settings.jobInterval,
    ...(audit && { trail: () => audit.trail({ requestId: randomUUID(), from: undefined }) }),
    report,
  });
  if (!access && siblings.isFirst)
    log.warn('access control is off: whoever reaches this address reads and writes everything');
  if (siblings.isAlone) log.info({ base, engine: engineOf(settings), workers: 1 }, 'listening');
  else log.info('a server process listens');
  return {
    server,
    router,
    jobs,
    relabelling,
    base,
    ...(access && { identity: access.identity }),
    stop: async () => {
      notifications.hangUp();
      await stop(connections, server, [
        { stop: stopRoutes },
        largeRequests,
        jobs,
        notifications,
        relabelling,
        added,
        inForce,
        printer,
        ...(audit ? [audit] : []),
      ]);
      await answers.close();
      await access?.identity.close();
    },
  };
}

/** The longest pause before a subscriber is tried again, in milliseconds. */
const longestRetry = 300_000;
/** How long a process that delivers notifications may be silent before another does, in milliseconds. */
const delivererLease = { duration: 10_000, renewal: 3_000 };

/** Loads access control only where it is on, and opens what it needs. */
async function prepareAccess(settings: Settings) {
  const { prepareIdentity } = await import('./http/identity/prepare.ts');
  return prepareIdentity(settings);
}

/** The store, to which nothing is written before the clock is past what it holds. */
function inTime(store: Store, clock: Clock): Store {
  return {
    ...store,
    write: async (work) => {
      await clock.caughtUp();
      return store.write(work);
    },
  };
}

/** The audit over its store, beside the data. */
function startAudit(
  settings: Settings,
  store: Audit['store'],
  base: string,
  clock: Clock,
  { turn, log }: { turn: () => Promise<() => void>; log: Logger },
): Audit {
  return openAudit(store, {
    folder: settings.dataDir,
    base,
    now: clock.now,
    readsWait: settings.auditReadsWait,
    retention: settings.auditRetention,
    turn,
    log: { info: (message) => log.info(message), error: (message) => log.error(message) },
  });
}

function engineOf({ mongodbUri }: Settings): string {
  return mongodbUri ? 'MongoDB' : 'embedded';
}

async function stop(
  connections: Connections,
  server: Server,
  background: readonly { stop(): Promise<void> }[],
): Promise<void> {
  await connections.end();
  await Promise.all(background.map((each) => each.stop()));
  await server.store.close();
}

/**
 * Starts the server as the environment says, and stops it cleanly on Ctrl-C. Ends the process when it cannot start. Of
 * several processes the first calls `started`.
 */
export async function run(started: (running: Running) => Promise<void> = async () => {}): Promise<void> {
  boundYoungGeneration();
  let settings: Settings;
  try {
    settings = readSettings(process.env);
  } catch (error) {
    process.stderr.write(`${reasonOf(error)}\n`);
    process.exit(1);
  }
  if (settings.workers > 1 && cluster.isPrimary)
    return (await import('./workers/run.ts')).runWorkers(settings);
  const log = pino({ level: settings.logLevel }, pino.destination({ fd: 2, sync: false }));
  try {
    const worker = cluster.isWorker ? asWorker(settings) : undefined;
    const running = await start(settings, log, Date.now, worker?.siblings);
    worker?.listening(running.base);
    let isStopping = false;
    const stop = () => {
      if (!isStopping) void running.stop().then(() => process.exit(0));
      isStopping = true;
    };
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, stop);
    void worker?.stopped.then(stop);
    collectWhenQuiet();
    if (!worker || worker.siblings.isFirst) await started(running);
  } catch (error) {
    process.stderr.write(`${reasonOf(error)}\n`);
    process.exit(1);
  }
}

/** What a newcomer has to know: nobody may come in yet. */
const howToComeIn = `Access control is on. Register clients with "npm run client -- add", people with "npm run person -- add";
each says how it is called. AUTH=off opens the server to this machine alone.
访问控制已启用。用 npm run client -- add 登记客户端,用 npm run person -- add 登记人员;AUTH=off 仅对本机开放。
`;

/** Runs the server by itself. */
export function serve(): Promise<void> {
  return run(async ({ identity }) => {
    if (identity) process.stderr.write(howToComeIn);
  });
}

if (import.meta.main) await serve();
