import type { Logger } from 'pino';
import { reasonOf, type Settings, WrongSetting } from './settings.ts';
import type { EngineStore } from './store/engine.ts';
import type { WritingTurn } from './store/sqlite/writing-turn.ts';
import type { Siblings } from './workers/siblings.ts';

/**
 * Opens the store that the settings name. Loads only the engine that is used: the other's driver would cost start-up time.
 * Throws a WrongSetting for a place that cannot be opened.
 */
export async function openStore(
  settings: Settings,
  log: Logger,
  siblings: Siblings,
  turn: WritingTurn,
): Promise<EngineStore> {
  const { mongodbUri, mongodbTimeout, searchTimeout, dataDir } = settings;
  const { searchWorkers, searchQueue } = siblings.isAlone ? settings : shareOf(settings);
  if (mongodbUri) {
    const { openMongoStore } = await import('./store/mongodb/store.ts');
    try {
      return openMongoStore({
        uri: mongodbUri,
        log: (message) => log.warn(message),
        searches: searchWorkers,
        queue: searchQueue,
        silence: mongodbTimeout,
        searchTime: searchTimeout,
      });
    } catch (error) {
      throw new WrongSetting('MONGODB_URI', `a MongoDB connection string (${reasonOf(error)})`, mongodbUri);
    }
  }
  const { openSqliteStore } = await import('./store/sqlite/store.ts');
  try {
    return openSqliteStore({
      folder: dataDir,
      turn: siblings.isAlone ? undefined : turn,
      threads: searchWorkers,
      queue: searchQueue,
      log: (message) => log.error(message),
    });
  } catch (error) {
    throw new WrongSetting('DATA_DIR', `a folder to keep the data in (${reasonOf(error)})`, dataDir);
  }
}

/** What one of several processes has of what is set for all of them; two searches, so that a long one leaves room. */
function shareOf({ workers, searchWorkers, searchQueue }: Settings) {
  const threads = Math.max(2, Math.ceil(searchWorkers / workers));
  return { searchWorkers: Math.min(searchWorkers, threads), searchQueue: Math.ceil(searchQueue / workers) };
}
