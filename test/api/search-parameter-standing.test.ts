import { expect, test } from '@jest/globals';
import { onEachEngine } from '../environment/server.ts';

type Issue = { severity: string; diagnostics: string };

const parameter = (id: string, changes: object = {}) => ({
  resourceType: 'SearchParameter',
  id,
  url: `http://example.org/SearchParameter/${id}`,
  name: `Example_${id.replaceAll('-', '_')}`,
  status: 'active',
  description: 'An example',
  code: id,
  base: ['Patient'],
  type: 'token',
  expression: 'Patient.gender',
  ...changes,
});

/** US Core's Patient search by name, as its package has it. */
const usCoreName = parameter('us-core-patient-name', {
  url: 'http://hl7.org/fhir/us/core/SearchParameter/us-core-patient-name',
  derivedFrom: 'http://hl7.org/fhir/SearchParameter/Patient-name',
  code: 'name',
  type: 'string',
  expression: 'Patient.name',
});

onEachEngine((server) => {
  /** Stores one, and gives what the answer says of it. */
  async function put(resource: ReturnType<typeof parameter>): Promise<Issue[]> {
    const { body, status } = await server
      .put(`/SearchParameter/${resource.id}`, resource)
      .set('Prefer', 'return=OperationOutcome');
    expect([200, 201]).toContain(status);
    return body.issue;
  }
  /** As a client that comes again as long as what was kept before is still being indexed. */
  async function found(path: string): Promise<number> {
    for (;;) {
      const { status, body } = await server.get(path);
      if (status === 503) continue;
      expect(status).toBe(200);
      return body.total;
    }
  }
  const total = (query: string) => found(`/Patient?${query}&_total=accurate`);
  async function refusalOf(query: string): Promise<string> {
    const { body } = await server.get(`/Patient?${query}`).expect(400);
    return body.issue[0].diagnostics;
  }
  /** What the CapabilityStatement says of stored parameters. */
  async function documented(): Promise<string> {
    const { body } = await server.get('/metadata').expect(200);
    const { documentation = '' } = body.rest[0].resource.find(
      ({ type }: { type: string }) => type === 'SearchParameter',
    );
    return documentation;
  }
  async function namesOnPatient(): Promise<string[]> {
    const { body } = await server.get('/metadata').expect(200);
    const patient = body.rest[0].resource.find(({ type }: { type: string }) => type === 'Patient');
    return patient.searchParam.map(({ name }: { name: string }) => name);
  }
  const warning = (text: string) => ({
    severity: 'warning',
    diagnostics: expect.stringContaining(text),
  });

  test("US Core's parameter with R4's name and meaning is kept, and R4's serves", async () => {
    await server.post('/Patient', { resourceType: 'Patient', name: [{ text: '王秀兰' }] }).expect(201);
    expect(await put(usCoreName)).toMatchObject([
      {
        severity: 'information',
        diagnostics: expect.stringContaining('http://hl7.org/fhir/SearchParameter/Patient-name'),
      },
    ]);
    await server.get('/SearchParameter/us-core-patient-name').expect(200);
    expect(await total('name=王秀兰')).toBe(1);
    expect((await namesOnPatient()).filter((name) => name === 'name')).toHaveLength(1);
    expect(await documented()).toContain('SearchParameter/us-core-patient-name');
  });

  test('one that takes a name for something else is kept, and told that it has no effect', async () => {
    await server.post('/Patient', { resourceType: 'Patient', gender: 'female' }).expect(201);
    expect(await put(parameter('mine', { code: 'active' }))).toMatchObject([
      warning('the name active is that of http://hl7.org/fhir/SearchParameter/Patient-active'),
    ]);
    expect(await total('active=female')).toBe(0);
    expect(await documented()).toContain('- SearchParameter/mine: ');
    await server.delete('/SearchParameter/mine').expect(204);
  });

  test('one whose name is free on some of its bases has effect on these', async () => {
    const organization = { resourceType: 'Organization', name: '永安县医院', active: true };
    await server.post('/Organization', organization).expect(201);
    const status = parameter('status-of', {
      code: 'death-date',
      base: ['Patient', 'Organization'],
      expression: 'Patient.gender | Organization.active',
    });
    expect(await put(status)).toMatchObject([warning('Patient: the name death-date')]);
    expect(await found('/Organization?death-date=true')).toBe(1);
    await server.delete('/SearchParameter/status-of').expect(204);
  });

  test('of two that were stored with one name the first keeps it, also when it is stored again; then the other has it', async () => {
    await put(parameter('first', { code: 'sex-code' }));
    const second = parameter('another', { code: 'sex-code', expression: 'Patient.maritalStatus' });
    expect(await put(second)).toMatchObject([warning('http://example.org/SearchParameter/first')]);
    await put(parameter('first', { code: 'sex-code', description: 'Said better' }));
    expect(await total('sex-code=female')).toBe(1);

    await server.delete('/SearchParameter/first').expect(204);
    expect(await total('sex-code=female')).toBe(0);
    expect(await documented()).not.toContain('SearchParameter/another');
    await server.delete('/SearchParameter/another').expect(204);
  });

  test('of two with one URL the one stored last is in force, and what became of the other is said', async () => {
    const url = 'http://example.org/SearchParameter/one-url';
    await put(parameter('a', { url, code: 'zza' }));
    expect(await put(parameter('b', { url, code: 'zzb' }))).toMatchObject([
      warning('SearchParameter/a: it is replaced by SearchParameter/b'),
    ]);
    expect(await total('zzb=female')).toBe(1);
    expect(await refusalOf('zza=female')).toContain('it is replaced by SearchParameter/b');
    expect(await documented()).toContain('- SearchParameter/a: ');
    expect(await namesOnPatient()).not.toContain('zza');

    await server.delete('/SearchParameter/b').expect(204);
    expect(await total('zza=female')).toBe(1);
    await server.delete('/SearchParameter/a').expect(204);
  });

  test('a composite whose part is deleted says so, is not claimed, and a search by it tells the reason', async () => {
    const part = parameter('part');
    const pair = parameter('pair', {
      type: 'composite',
      expression: 'Patient',
      component: [
        { definition: part.url, expression: 'gender' },
        { definition: 'http://hl7.org/fhir/SearchParameter/Patient-active', expression: 'active' },
      ],
    });
    // In one transaction, the composite first.
    const entry = [pair, part].map((resource) => ({
      resource,
      request: { method: 'PUT', url: `SearchParameter/${resource.id}` },
    }));
    await server.post('/', { resourceType: 'Bundle', type: 'transaction', entry }).expect(200);
    await server.post('/Patient', { resourceType: 'Patient', gender: 'other', active: true }).expect(201);
    expect(await total('pair=other$true')).toBe(1);

    const { body } = await server.delete('/SearchParameter/part').expect(200);
    expect(body.issue).toMatchObject([
      warning(`SearchParameter/pair: the component ${part.url} is not known`),
    ]);
    expect(await namesOnPatient()).not.toContain('pair');
    expect(await documented()).toContain(`- SearchParameter/pair: 没有其组成部分 ${part.url}`);
    expect(await refusalOf('pair=other$true')).toContain(`the component ${part.url} is not known`);
    await server.get('/Patient?pair=other$true').set('Prefer', 'handling=lenient').expect(200);

    // It is said once: not again with the next change.
    expect(await put(parameter('unconcerned'))).toMatchObject([{ severity: 'information' }]);
    await put(part);
    expect(await total('pair=other$true')).toBe(1);
  });

  test('a delete with nothing to say has no body, unless an outcome is asked for', async () => {
    await server.put('/Basic/x', { resourceType: 'Basic', id: 'x', code: { text: 'x' } }).expect(201);
    const { body } = await server.delete('/Basic/x').set('Prefer', 'return=OperationOutcome').expect(200);
    expect(body).toMatchObject({ resourceType: 'OperationOutcome', issue: [{ severity: 'information' }] });
    await server.delete('/Basic/x').expect(204, '');
  });
});
