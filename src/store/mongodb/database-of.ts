/** The database that a connection string names, else `zhuanzhen`. */
export function databaseOf(uri: string): string {
  return /^mongodb(?:\+srv)?:\/\/[^/]+\/([^?]+)/.exec(uri)?.[1] ?? 'zhuanzhen';
}
