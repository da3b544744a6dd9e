/** Everything that can be set from outside, by environment variables. This file is the one place that reads them. */
export interface Settings {
  /** Whether who asks must say who they are. `off` is for a laptop: the server then listens on loopback only. */
  auth: 'on' | 'off';
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
  /** How often the server looks for what must happen by itself, as patients who did not come, in milliseconds. */
  jobInterval: number;
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

  const port = value('PORT', integer(0, 65_535), 8080);
  const mongodbUri = value('MONGODB_URI', url(['mongodb:', 'mongodb+srv:']), undefined);
  const host = value('HOST', text, '127.0.0.1');
  const auth = value('AUTH', oneOf(['on', 'off'] as const), 'off');
  if (auth === 'off' && !isLoopback(host))
    throw new WrongSetting('HOST', 'with AUTH=off nothing but a loopback address such as 127.0.0.1', host);
  return {
    auth,
    port,
    host,
    baseUrl: value('BASE_URL', webAddress, `http://localhost:${port}/fhir`),
    otherBaseUrls: value(
      'OTHER_BASE_URLS',
      webAddresses,
      // The two names of this machine are one server.
      environment.BASE_URL ? [] : [`http://127.0.0.1:${port}/fhir`],
    ),
    corsOrigins: value('CORS_ORIGINS', origins, []),
    mongodbTimeout: value('MONGODB_TIMEOUT', integer(500, 600_000), 5_000),
    dataDir: value('DATA_DIR', text, './data'),
    mongodbUri,
    logLevel: value('LOG_LEVEL', oneOf(logLevels), 'info'),
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
    jobInterval: value('JOB_INTERVAL', integer(100, 3_600_000), 60_000),
    audit: value('AUDIT', onOff, auth === 'on'),
    auditReadsWait: value('AUDIT_READS_WAIT', flag, false),
    // Fifteen years, as long as outpatient records are kept (医疗机构病历管理规定, 2013, 第二十九条).
    auditRetention: value('AUDIT_RETENTION', integer(1, 36_500), 5_479),
  };
}
