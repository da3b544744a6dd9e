import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseNetwork } from './access/identity/networks.ts';
import { parseScopes } from './access/identity/scopes.ts';
import { readSigningKeys, type SigningKeys } from './access/identity/signing-keys.ts';
import type { Scope } from './interactions/actor.ts';

/** Everything that can be set from outside, by environment variables. This file is the one place that reads them. */
export interface Settings {
  /** Whether who asks must say who they are. `off` is for a laptop: the server then listens on loopback only. */
  auth: 'on' | 'off';
  /** Whether API keys are taken, the weakest way to come in. */
  apiKeys: boolean;
  /** The keys that tokens are signed with; undefined: those of the data folder. */
  signingKeys: SigningKeys | undefined;
  /** An OpenID Connect provider of the site, whose tokens are taken; undefined: only the server's own. */
  oidc: OidcSettings | undefined;
  /** Most requests a minute by one client; 0: without bound. */
  rateLimit: number;
  /** TLS by the server itself: files of the certificate, its key, and of the authorities that clients must be proved by. */
  tls: TlsSettings | undefined;
  /** Networks of proxies whose `X-Forwarded-For` is believed. */
  trustedProxies: readonly string[];
  /** TCP port to listen on; 0 takes any free one. */
  port: number;
  /** Address to listen on. Only loopback unless told otherwise: this is health data. */
  host: string;
  /** The URL under which clients reach the server, without a slash at the end. */
  baseUrl: string;
  /** Further URLs under which clients reach the API: what is below one of them is as below the base URL. */
  otherBaseUrls: readonly string[];
  /** Origins whose web pages may call the server from a browser; `*` for all. */
  corsOrigins: '*' | string[];
  /** How long MongoDB may be silent before a request is refused, in milliseconds. */
  mongodbTimeout: number;
  /** Folder of the embedded engine's data. */
  dataDir: string;
  /** Connection string of MongoDB; undefined selects the embedded engine. */
  mongodbUri: string | undefined;
  logLevel: LogLevel;
  /** How many processes serve on this machine: by default one for each processor, four at most on the embedded engine. */
  workers: number;
  /** Largest request body, in bytes, after decompression. */
  maxBodyBytes: number;
  /** Most entries in one transaction or batch. */
  maxBundleEntries: number;
  /** Deepest nesting of JSON. */
  maxDepth: number;
  /** Largest answer to a transaction or batch, in bytes; pages of searches and histories end at a quarter of it. */
  maxAnswerBytes: number;
  /** Largest page of a search or history, in entries. */
  maxPageSize: number;
  /**
   * Longest time that one search may take, in milliseconds, waiting for its turn included. Who asks is gone after some
   * seconds, and what takes longer keeps others waiting.
   */
  searchTimeout: number;
  /** How many searches run at once beside the thread that serves: threads, or connections to MongoDB. */
  searchWorkers: number;
  /** How many searches may wait for one of them before the next is refused with 503. */
  searchQueue: number;
  /** Whether a conditional delete may delete more than one resource. */
  conditionalDeleteMultiple: boolean;
  /** Whether a resource that others refer to is kept from being deleted. */
  referentialIntegrity: boolean;
  /** Whether every access is recorded as an AuditEvent. */
  audit: boolean;
  /** Whether a read, too, is answered only when its record is on the disk. */
  auditReadsWait: boolean;
  /** After how many days the record of an access is deleted. */
  auditRetention: number;
  /** Whether referrals of the past, already answered or ended, are taken in. */
  importHistory: boolean;
  /** Networks inside of the server's own that subscribers may be told at; none unless set. */
  subscriptionNetworks: readonly string[];
  /** Whether subscribers may be told over plain HTTP. */
  subscriptionHttp: boolean;
  /** So many subscriptions there may be at once. */
  maxSubscriptions: number;
  /** How long to wait after a subscriber did not take what it was sent, in milliseconds; longer each time. */
  subscriptionRetry: number;
  /** So long without success, in milliseconds, and a subscription is in error. */
  subscriptionPatience: number;
  /** How often the server looks for what must happen by itself, as patients who did not come, in milliseconds. */
  jobInterval: number;
}

/** What is known of the provider that people of a site sign in at. */
export interface OidcSettings {
  issuer: string;
  /** Whom its access tokens are for; undefined: the base URL. */
  audience: string | undefined;
  /** The claim that names the person. */
  personClaim: string;
  /** The system of the identifier that the claim holds; undefined: it holds a reference to a Practitioner. */
  personSystem: string | undefined;
  /** How the server is registered there, so that people sign in there; undefined: only its tokens are taken. */
  clientId: string | undefined;
  clientSecret: string | undefined;
  /** What tokens without SMART scopes are good for. */
  defaultScopes: readonly Scope[];
}

/** The texts of the files, in PEM. */
export interface TlsSettings {
  cert: string;
  key: string;
  /** Where there is one, clients must show a certificate that it has signed. */
  ca: string | undefined;
}

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/** How a variable is read: what it takes, in words, and its value, or undefined when the text does not fit. */
interface Reading<T> {
  takes: string;
  read(text: string): T | undefined;
}

const integer = (least: number, most: number): Reading<number> => ({
  takes: `a whole number from ${least} to ${most}`,
  read: (text) => (/^\d{1,12}$/.test(text) && +text >= least && +text <= most ? +text : undefined),
});

const text: Reading<string> = {
  takes: 'a text that is not empty',
  read: (given) => given.trim() || undefined,
};

const url = (protocols: readonly string[]): Reading<string> => ({
  takes: `a URL with ${protocols.join(' or ')}`,
  read: (given) => {
    const fits = protocols.some(
      (protocol) => given.startsWith(`${protocol}//`) && given.length > protocol.length + 2,
    );
    return fits ? given.replace(/\/+$/, '') : undefined;
  },
});

/** A URL that paths can be put behind. */
const webAddress: Reading<string> = {
  takes: 'a URL with http: or https:, without a query',
  read: (given) => {
    const parsed = URL.canParse(given) ? new URL(given) : undefined;
    const fits = parsed && /^https?:$/.test(parsed.protocol) && !/[?#\s]/.test(given);
    return fits ? given.replace(/\/+$/, '') : undefined;
  },
};

/** Several of them, with commas between. */
const webAddresses: Reading<string[]> = {
  takes: 'URLs with http: or https:, with commas between',
  read: (given) => {
    const read = given.split(',').map((each) => webAddress.read(each.trim()));
    return read.every((each) => each !== undefined) ? read : undefined;
  },
};

/** Origins as browsers send them: scheme, host and port, with commas between. */
const origins: Reading<'*' | string[]> = {
  takes: 'web origins such as https://portal.example.org, with commas between, or *',
  read: (given) => {
    if (given.trim() === '*') return '*';
    const stated = given.split(',').map((each) => each.trim());
    return stated.every((each) => URL.canParse(each) && new URL(each).origin === each) ? stated : undefined;
  },
};

const oneOf = <T extends string>(values: readonly T[]): Reading<T> => ({
  takes: `one of ${values.join(', ')}`,
  read: (given) => values.find((value) => value === given),
});

const onOff: Reading<boolean> = {
  takes: 'on or off',
  read: (given) => ({ on: true, off: false })[given],
};

/** The content of a file. */
const file: Reading<string> = {
  takes: 'the path of a file that can be read',
  read: (path) => {
    try {
      return readFileSync(path.trim(), 'utf8');
    } catch {
      return undefined;
    }
  },
};

const signingKeys: Reading<SigningKeys> = {
  takes: 'a JWKS of private ES384 keys, as "npm run signing-keys" prints it',
  read: readSigningKeys,
};

const smartScopes: Reading<Scope[]> = {
  takes: 'SMART scopes such as user/*.rs, with spaces between',
  read: (given) => {
    const scopes = parseScopes(given.trim());
    return scopes.length === given.trim().split(/ +/).length ? scopes : undefined;
  },
};

/** Networks with commas between. */
const networks: Reading<string[]> = {
  takes: 'networks such as 10.20.0.0/16, with commas between',
  read: (given) => {
    const stated = given.split(',').map((each) => each.trim());
    return stated.every((each) => parseNetwork(each)) ? stated : undefined;
  },
};

const flag: Reading<boolean> = {
  takes: 'true or false',
  read: (given) => (given === 'true' ? true : given === 'false' ? false : undefined),
};

/** A setting that the server cannot start with: names the variable, what it takes and what it got. */
export class WrongSetting extends Error {
  constructor(name: string, takes: string, given: string) {
    const withoutPassword = given.replace(/\/\/[^@/]*@/, '//***@');
    super(`${name} takes ${takes}, but got "${withoutPassword}"`);
  }
}

/** What an error says, for who has to mend a setting. */
export function reasonOf(error: unknown): string {
  return (error as Error).message;
}

const mostWorkers = 64;

/** One process for each processor that this one may use; on one file, which one process writes at a time, four at most. */
export function usualWorkers(isMongodb: boolean): number {
  return Math.min(availableParallelism(), isMongodb ? mostWorkers : 4);
}

/** Addresses that only this machine reaches. */
const isLoopback = (host: string) => /^(?:localhost|127(?:\.\d{1,3}){3}|::1)$/.test(host);

/**
 * Reads the settings from environment variables. Throws a `WrongSetting` for the first one that is wrong.
 */
export function readSettings(environment: Readonly<Record<string, string | undefined>>): Settings {
  function value<T, D>(name: string, reading: Reading<T>, otherwise: D): T | D {
    const given = environment[name];
    if (given === undefined || given === '') return otherwise;
    const read = reading.read(given);
    if (read === undefined) throw new WrongSetting(name, reading.takes, given);
    return read;
  }

  /** A secret comes from the variable itself, or from the file that `[name]_FILE` names. */
  function secret<T>(name: string, reading: Reading<T>): T | undefined {
    const content = value(`${name}_FILE`, file, undefined);
    if (content === undefined) return hidden(name, reading, environment[name]);
    return hidden(name, reading, content.trim());
  }

  /** As `value`, but what was given does not get into the message. */
  function hidden<T>(name: string, reading: Reading<T>, given: string | undefined): T | undefined {
    if (given === undefined || given === '') return undefined;
    const read = reading.read(given);
    if (read === undefined) throw new WrongSetting(name, reading.takes, '***');
    return read;
  }

  function readTls(): TlsSettings | undefined {
    const [cert, key, ca] = ['TLS_CERT', 'TLS_KEY', 'TLS_CA'].map((name) => value(name, file, undefined));
    if (cert === undefined && key === undefined && ca === undefined) return undefined;
    if (cert === undefined || key === undefined)
      throw new WrongSetting(cert === undefined ? 'TLS_CERT' : 'TLS_KEY', file.takes, '');
    return { cert, key, ca };
  }

  function readOidc(): OidcSettings | undefined {
    const issuer = value('OIDC_ISSUER', webAddress, undefined);
    if (issuer === undefined) return undefined;
    return {
      // As it was given: tokens and the discovery document name it so, with or without a slash at the end.
      issuer: environment.OIDC_ISSUER!.trim(),
      audience: value('OIDC_AUDIENCE', text, undefined),
      personClaim: value('OIDC_PERSON_CLAIM', text, 'fhirUser'),
      personSystem: value('OIDC_PERSON_SYSTEM', text, undefined),
      clientId: value('OIDC_CLIENT_ID', text, undefined),
      clientSecret: secret('OIDC_CLIENT_SECRET', text),
      defaultScopes: value('OIDC_DEFAULT_SCOPES', smartScopes, []),
    };
  }

  const port = value('PORT', integer(0, 65_535), 8080);
  const mongodbUri = environment.MONGODB_URI_FILE
    ? secret('MONGODB_URI', url(['mongodb:', 'mongodb+srv:']))
    : value('MONGODB_URI', url(['mongodb:', 'mongodb+srv:']), undefined);
  const host = value('HOST', text, '127.0.0.1');
  const auth = value('AUTH', oneOf(['on', 'off'] as const), 'on');
  if (auth === 'off' && !isLoopback(host))
    throw new WrongSetting('HOST', 'with AUTH=off nothing but a loopback address such as 127.0.0.1', host);
  const tls = readTls();
  const keys = secret('SIGNING_KEYS', signingKeys);
  // Each process would make keys of its own, and not take the tokens of the others.
  if (auth === 'on' && mongodbUri && !keys)
    throw new WrongSetting(
      'SIGNING_KEYS',
      `with MONGODB_URI ${signingKeys.takes}, the same for all servers`,
      '',
    );
  const scheme = tls ? 'https' : 'http';
  return {
    auth,
    apiKeys: value('API_KEYS', flag, true),
    signingKeys: keys,
    oidc: readOidc(),
    rateLimit: value('RATE_LIMIT', integer(0, 10_000_000), 6_000),
    tls,
    trustedProxies: value('TRUSTED_PROXIES', networks, []),
    port,
    host,
    baseUrl: value('BASE_URL', webAddress, `${scheme}://localhost:${port}/fhir`),
    otherBaseUrls: value(
      'OTHER_BASE_URLS',
      webAddresses,
      // The two names of this machine are one server.
      environment.BASE_URL ? [] : [`${scheme}://127.0.0.1:${port}/fhir`],
    ),
    corsOrigins: value('CORS_ORIGINS', origins, []),
    mongodbTimeout: value('MONGODB_TIMEOUT', integer(500, 600_000), 5_000),
    dataDir: value('DATA_DIR', text, './data'),
    mongodbUri,
    logLevel: value('LOG_LEVEL', oneOf(logLevels), 'info'),
    workers: value('WORKERS', integer(1, mostWorkers), usualWorkers(mongodbUri !== undefined)),
    maxBodyBytes: value('MAX_BODY_BYTES', integer(1_000, 268_435_456), 16_777_216),
    maxBundleEntries: value('MAX_BUNDLE_ENTRIES', integer(1, 100_000), 1_000),
    maxDepth: value('MAX_DEPTH', integer(10, 1_000), 64),
    maxAnswerBytes: value('MAX_ANSWER_BYTES', integer(1_000_000, 268_435_456), 67_108_864),
    maxPageSize: value('MAX_PAGE_SIZE', integer(1, 10_000), 1_000),
    searchTimeout: value('SEARCH_TIMEOUT', integer(100, 600_000), 10_000),
    searchWorkers: value('SEARCH_WORKERS', integer(1, 64), mongodbUri ? 16 : 2),
    searchQueue: value('SEARCH_QUEUE', integer(0, 10_000), 100),
    conditionalDeleteMultiple: value('CONDITIONAL_DELETE_MULTIPLE', flag, false),
    referentialIntegrity: value('REFERENTIAL_INTEGRITY', flag, true),
    importHistory: value('IMPORT_HISTORY', flag, false),
    subscriptionNetworks: value('SUBSCRIPTION_NETWORKS', networks, []),
    subscriptionHttp: value('SUBSCRIPTION_HTTP', onOff, false),
    maxSubscriptions: value('MAX_SUBSCRIPTIONS', integer(0, 1_000_000), 10_000),
    subscriptionRetry: value('SUBSCRIPTION_RETRY', integer(1, 3_600_000), 1_000),
    // Three days, so that a receiver that fails on a Friday evening is there again on Monday.
    subscriptionPatience: value('SUBSCRIPTION_PATIENCE', integer(0, 2_592_000_000), 259_200_000),
    jobInterval: value('JOB_INTERVAL', integer(100, 3_600_000), 60_000),
    audit: value('AUDIT', onOff, auth === 'on'),
    auditReadsWait: value('AUDIT_READS_WAIT', flag, false),
    // Fifteen years, as long as outpatient records are kept (医疗机构病历管理规定, 2013, 第二十九条).
    auditRetention: value('AUDIT_RETENTION', integer(1, 36_500), 5_479),
  };
}
