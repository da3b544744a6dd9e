import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { createGunzip } from 'node:zlib';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { extract } from 'tar-stream';
import type { Element } from '../../src/fhir/resource.ts';
import { guideBase, guidePackage } from '../../src/guide/guide.ts';
import { guideSchemas } from '../../src/guide/schemas.ts';
import { readDefinitions } from '../../src/project.ts';
import { onEachEngine } from '../environment/server.ts';

const schemas = guideSchemas(readDefinitions(), guideBase);

/** The files of a package as a tool that installs it has them: JSON by name. */
async function unpacked(bytes: Buffer): Promise<Map<string, Record<string, unknown>>> {
  const files = new Map<string, Record<string, unknown>>();
  const reading = extract();
  const gunzip = createGunzip();
  gunzip.pipe(reading);
  gunzip.end(bytes);
  for await (const entry of reading)
    files.set(entry.header.name, JSON.parse((await buffer(entry)).toString('utf8')));
  return files;
}

describe('the package of the guide', () => {
  let files: Map<string, Record<string, unknown>>;
  beforeAll(async () => {
    files = await unpacked(await buffer(guidePackage(schemas, '0.1.0')));
  });

  test('says what it is', () => {
    expect(files.get('package/package.json')).toMatchObject({
      name: expect.stringMatching(/^[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)+$/),
      version: '0.1.0',
      fhirVersions: ['4.0.1'],
      dependencies: { 'hl7.fhir.r4.core': '4.0.1' },
      canonical: 'https://w3id.org/zhuanzhen',
    });
  });

  test('has an index of all definitions, by which each is found', () => {
    const index = files.get('package/.index.json')!.files as Record<string, string>[];
    const names = [...files.keys()].filter((name) => /^package\/[A-Z][A-Za-z]+-[^/]+\.json$/.test(name));
    expect(index.map(({ filename }) => `package/${filename}`).sort()).toEqual(names.sort());
    for (const { filename, resourceType, id, url } of index)
      expect(files.get(`package/${filename}`)).toMatchObject({ resourceType, id, ...(url && { url }) });
  });

  test('has all profiles with their snapshots', () => {
    const profiles = [...files.values()].filter(({ resourceType }) => resourceType === 'StructureDefinition');
    expect(profiles.length).toBeGreaterThan(40);
    for (const { snapshot } of profiles)
      expect((snapshot as { element: unknown[] }).element.length).toBeGreaterThan(1);
  });

  test('has the examples, and an ImplementationGuide that names everything once', () => {
    const guide = [...files.values()].find(({ resourceType }) => resourceType === 'ImplementationGuide')!;
    const named = (guide.definition as { resource: Element[] }).resource.map(
      ({ reference }) => (reference as { reference: string }).reference,
    );
    expect(new Set(named).size).toBe(named.length);
    const inFiles = [...files.entries()]
      .filter(([name, { resourceType }]) => resourceType && resourceType !== 'ImplementationGuide' && name)
      .map(([, { resourceType, id }]) => `${resourceType}/${id}`);
    expect(named.sort()).toEqual(inFiles.sort());
    expect(inFiles).toContain('Bundle/valid-01-routine-up-hypertension');
  });

  test('is the same, byte for byte, when it is made again', async () => {
    const hash = async () =>
      createHash('sha256')
        .update(await buffer(guidePackage(schemas, '0.1.0')))
        .digest('hex');
    expect(await hash()).toBe(await hash());
  });
});

onEachEngine((server) => {
  const bytesOf = async (path: string) => {
    const response = await fetch(new URL(path, server.base));
    expect(response.status).toBe(200);
    return Buffer.from(await response.arrayBuffer());
  };

  test('a server gives the package to whoever asks, and the schemas that are in it', async () => {
    const files = await unpacked(await bytesOf('/fhir/package.tgz'));
    const names = JSON.parse((await bytesOf('/fhir/schemas')).toString('utf8')) as string[];
    expect(names).toContain('/fhir/schemas/referral-bundle.json');
    for (const name of names)
      expect(JSON.parse((await bytesOf(name)).toString('utf8'))).toEqual(
        files.get(name.replace('/fhir/', 'package/')),
      );
    await server.get('/schemas/toString.json').expect(404);
  });
});
