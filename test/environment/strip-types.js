import { createHash } from 'node:crypto';
import { stripTypeScriptTypes } from 'node:module';

/** The Jest transformer: the same type stripping by which Node runs the server itself. */
export default {
  process: (source) => ({ code: stripTypeScriptTypes(source) }),
  getCacheKey: (source) => createHash('sha256').update(process.version).update(source).digest('hex'),
};
