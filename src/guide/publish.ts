import { createWriteStream, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { project, readDefinitions } from '../project.ts';
import { guideBase, guidePackage } from './guide.ts';
import { guideSchemas } from './schemas.ts';

/** Writes the guide as a FHIR package, and its JSON Schemas: npm run package [-- --to folder] */
const { values } = parseArgs({ options: { to: { type: 'string', default: 'dist' } } });
const { version } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')) as { version: string };

const schemas = guideSchemas(readDefinitions(), guideBase);
const folder = join(values.to, 'schemas');
mkdirSync(folder, { recursive: true });
for (const [name, schema] of Object.entries(schemas))
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(schema, null, 2)}\n`);
const file = join(values.to, `zhuanzhen.referral-${version}.tgz`);
await pipeline(guidePackage(schemas, version), createWriteStream(file));
process.stdout.write(`${file}\n${folder}\n`);
