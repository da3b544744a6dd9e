import {
  MongoBulkWriteError,
  MongoClientBulkWriteError,
  MongoError,
  MongoNetworkError,
  MongoNotConnectedError,
  MongoServerError,
  MongoServerSelectionError,
  MongoTopologyClosedError,
} from 'mongodb';
import { refusals, refuse } from '../../fhir/refusal.ts';

/** What an error of the driver means to the store. */
export type Failure =
  /** Another transaction was in the way: running the work again can succeed. */
  | 'conflict'
  /** An id, a version or a claim is taken already, by a transaction that may be over. */
  | 'taken'
  /** The database cannot be reached, or changes its primary. */
  | 'unavailable'
  /** The query took longer than it may. */
  | 'overtime'
  /** None of these: a fault of this code. */
  | 'other';

/** MongoDB's error codes (https://www.mongodb.com/docs/manual/reference/error-codes/). */
const codes: Record<number, Failure> = {
  11000: 'taken', // DuplicateKey
  112: 'conflict', // WriteConflict
  251: 'conflict', // NoSuchTransaction: the server gave it up
  246: 'conflict', // SnapshotUnavailable
  50: 'overtime', // MaxTimeMSExpired
  6: 'unavailable', // HostUnreachable
  7: 'unavailable', // HostNotFound
  89: 'unavailable', // NetworkTimeout
  91: 'unavailable', // ShutdownInProgress
  189: 'unavailable', // PrimarySteppedDown
  10107: 'unavailable', // NotWritablePrimary
  11600: 'unavailable', // InterruptedAtShutdown
  11602: 'unavailable', // InterruptedDueToReplStateChange
  13435: 'unavailable', // NotPrimaryNoSecondaryOk
  13436: 'unavailable', // NotPrimaryOrSecondary
  64: 'unavailable', // WriteConcernTimeout: not enough members answer
};

/** Says what an error means. Errors that are not the driver's are `other`. */
export function failureOf(error: unknown): Failure {
  if (!(error instanceof MongoError)) return 'other';
  if (
    error instanceof MongoServerSelectionError ||
    error instanceof MongoNetworkError ||
    error instanceof MongoNotConnectedError ||
    error instanceof MongoTopologyClosedError
  )
    return 'unavailable';
  if (error.cause instanceof MongoError && failureOf(error.cause) === 'unavailable') return 'unavailable';
  if (error.hasErrorLabel('TransientTransactionError')) return 'conflict';
  for (const code of codesOf(error)) {
    const failure = codes[code];
    if (failure) return failure;
  }
  return error.hasErrorLabel('RetryableWriteError') ? 'unavailable' : 'other';
}

function codesOf(error: MongoError): number[] {
  if (error instanceof MongoClientBulkWriteError)
    return [
      ...[...error.writeErrors.values()].map(({ code }) => code),
      ...(error.cause instanceof MongoError ? codesOf(error.cause) : []),
    ];
  if (error instanceof MongoBulkWriteError)
    return [error.code as number, ...(error.cause instanceof MongoError ? codesOf(error.cause) : [])];
  return error instanceof MongoServerError && typeof error.code === 'number' ? [error.code] : [];
}

/**
 * What is thrown to those above instead of an error of the driver, whose text they shall never see. Errors that are
 * not the driver's stay as they are.
 */
export function refusalOf(error: unknown, timeout?: number): unknown {
  switch (failureOf(error)) {
    case 'conflict':
    case 'taken':
      return Object.assign(refuse(refusals.writeConflict), { cause: error });
    case 'unavailable':
      return Object.assign(refuse(refusals.storeUnavailable), { cause: error });
    case 'overtime':
      return Object.assign(refuse(refusals.tooCostly, [`> ${timeout ?? 0} ms`]), { cause: error });
    case 'other':
      return error;
  }
}
