import { createWriteStream, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { loadDefinitions } from '../fhir/definitions/definitions.ts';
import { definitionFolders, guideBase, guidePackage } from './guide.ts';
import { guideSchemas } from './schemas.ts';

/** Writes the guide as a FHIR package, and its JSON Schemas: npm run package [-- --to folder] */
const project = fileURLToPath(new URL('../../', import.meta.url));
const { values } = parseArgs({ options: { to: { type: 'string', default: 'dist' } } });
const { version } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')) as { version: string };
const definitions = loadDefinitions(definitionFolders.map((each) => join(project, each)));

const schemas = join(values.to, 'schemas');
mkdirSync(schemas, { recursive: true });
for (const [name, schema] of Object.entries(guideSchemas(definitions, guideBase)))
  writeFileSync(join(schemas, `${name}.json`), `${JSON.stringify(schema, null, 2)}\n`);
const file = join(values.to, `zhuanzhen.referral-${version}.tgz`);
await pipeline(guidePackage(project, definitions, version), createWriteStream(file));
process.stdout.write(`${file}\n${schemas}\n`);
