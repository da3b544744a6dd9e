import { describe, expect, test } from '@jest/globals';
import { onEachEngine } from '../environment/server.ts';

/** What client libraries do that the specification leaves open, and what they are answered. */
onEachEngine((server) => {
  const patient = {
    resourceType: 'Patient',
    identifier: [{ system: 'http://example.org/id', value: 'habit' }],
  };
  const text = (body: { issue: { details: { text: string } }[] }) =>
    body.issue.map(({ details }) => details.text).join('\n');

  test('Java’s offer to go on in HTTP/2 is left aside, and the request answered', async () => {
    const h2c = { Connection: 'Upgrade, HTTP2-Settings', Upgrade: 'h2c', 'HTTP2-Settings': 'AAEAAEAA' };
    const { body } = await server.get('/metadata').set(h2c).expect(200);
    expect(body.resourceType).toBe('CapabilityStatement');
  });

  describe('parameters that are no search parameters', () => {
    test.each([
      ['fhirpy’s count()', '_totalMethod=count&_count=0'],
      ['a cache buster', '_=1732700000'],
      ['Medplum’s fields', '_fields=id'],
      ['a tracker', 'utm_source=portal'],
    ])('%s is let through, with a warning', async (_, query) => {
      await server.put('/Patient/habit', { ...patient, id: 'habit' });
      const { body } = await server.get(`/Patient?${query}`).expect(200);
      const outcome = body.entry.find(
        ({ search }: { search: { mode: string } }) => search.mode === 'outcome',
      );
      expect(outcome.fullUrl).toMatch(/^urn:uuid:/);
      expect(outcome.resource.issue[0]).toMatchObject({ severity: 'warning', code: 'not-supported' });
      expect(body.link[0].url).not.toContain(query.split('=')[0]);
      await server.get(`/Patient?${query}`).set('Prefer', 'handling=strict').expect(400);
    });

    test.each([
      ['brithdate=2000-01-01', 'birthdate'],
      ['_cuont=5', '_count'],
      ['identifer=a|b', 'identifier'],
    ])('%s is refused, and the nearest named', async (query, meant) => {
      const { body } = await server.get(`/Patient?${query}`).expect(400);
      expect(text(body)).toContain(`最接近的是 ${meant}`);
      expect(text(body)).toContain(`the nearest is ${meant}`);
    });
  });

  test('a create with criteria in its address is refused and told of If-None-Exist (fhirpy’s get_or_create)', async () => {
    const { body } = await server
      .post('/Patient?identifier=http://example.org/id|habit', patient)
      .expect(400);
    expect(text(body)).toContain('If-None-Exist');
    const bundle = {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [
        {
          resource: patient,
          request: { method: 'POST', url: 'Patient?identifier=http://example.org/id|habit' },
        },
      ],
    };
    expect(text((await server.post('/', bundle).expect(400)).body)).toContain('If-None-Exist');
    // A misspelt criterion would make a duplicate just as well.
    await server.post('/Patient?identifer=http://example.org/id|habit', patient).expect(400);
    await server.post('/Patient?_pretty=true&_format=json&_=1&utm_source=x', patient).expect(201);
  });

  test('every write says which version it made: HAPI reads the id from there', async () => {
    const path = '/Patient/located';
    const at = (version: number) => `${server.base}${path}/_history/${version}`;
    const write = (version: number) =>
      server.put(path, { ...patient, id: 'located', active: version % 2 === 0 });
    expect((await write(1)).headers['content-location']).toBe(at(1));
    expect((await write(2)).headers['content-location']).toBe(at(2));
    expect((await write(3).set('Prefer', 'return=minimal')).headers['content-location']).toBe(at(3));
    const patched = await server
      .patch(path, [{ op: 'replace', path: '/active', value: true }])
      .set('Content-Type', 'application/json-patch+json')
      .expect(200);
    expect(patched.headers['content-location']).toBe(at(4));
  });

  test('a FHIRPath Patch in a transaction has the fullUrl of what it patches (HAPI’s BundleBuilder)', async () => {
    await server.put('/Patient/patched', { resourceType: 'Patient', id: 'patched' }).expect(201);
    const part = (name: string, value: object) => ({ name, ...value });
    const patch = {
      resourceType: 'Parameters',
      parameter: [
        {
          name: 'operation',
          part: [
            part('type', { valueCode: 'add' }),
            part('path', { valueString: 'Patient' }),
            part('name', { valueString: 'active' }),
            part('value', { valueBoolean: true }),
          ],
        },
      ],
    };
    const entry = {
      fullUrl: `${server.base}/Patient/patched`,
      resource: patch,
      request: { method: 'PATCH', url: 'Patient/patched' },
    };
    await server.post('/', { resourceType: 'Bundle', type: 'transaction', entry: [entry] }).expect(200);
    expect((await server.get('/Patient/patched')).body.active).toBe(true);
  });

  test('a relative fullUrl that is the address of the entry is read as below the base (HAPI’s BundleBuilder)', async () => {
    const { body } = await server
      .post('/', {
        resourceType: 'Bundle',
        type: 'transaction',
        entry: [
          {
            fullUrl: 'Patient/built',
            resource: { ...patient, id: 'built' },
            request: { method: 'PUT', url: 'Patient/built' },
          },
        ],
      })
      .expect(200);
    expect(body.entry[0].response.outcome.issue[0].details.text).toContain(`${server.base}/Patient/built`);
    await server.get('/Patient/built').expect(200);
  });

  describe('entries without an address (HAPI’s transaction().withResources())', () => {
    const sent = (...entry: object[]) =>
      server.post('/', { resourceType: 'Bundle', type: 'transaction', entry });

    test('a POST creates a resource of its type, a PUT is an update under its id; both are said', async () => {
      const { body } = await sent(
        { resource: patient, request: { method: 'POST' } },
        { resource: { ...patient, id: 'with-resources' }, request: { method: 'PUT' } },
      ).expect(200);
      expect(body.entry.map(({ response }: { response: { status: string } }) => response.status)).toEqual([
        '201',
        '201',
      ]);
      expect(body.entry[1].response.outcome.issue[0].details.text).toContain('PUT Patient/with-resources');
      await server.get('/Patient/with-resources').expect(200);
    });

    test('one at the address of a version is an update of that version alone', async () => {
      await server.put('/Patient/versioned', { ...patient, id: 'versioned' }).expect(201);
      const at = (version: number) => ({
        resource: { ...patient, id: 'versioned', active: true },
        request: { method: 'PUT', url: `${server.base}/Patient/versioned/_history/${version}` },
      });
      await sent(at(1)).expect(200);
      await sent(at(1)).expect(412);
    });

    test.each([
      ['an update without an id', { resource: patient, request: { method: 'PUT' } }],
      ['a read', { request: { method: 'GET' } }],
      ['nothing said of what to do', { resource: patient }],
    ])('%s is refused: nobody knows what is meant', async (_, entry) => {
      await sent(entry).expect(400);
    });
  });

  test('GET [type]/_search is a search of the type (HAPI’s GET_WITH_SEARCH)', async () => {
    await server.put('/Patient/by-search', { ...patient, id: 'by-search' });
    const { body } = await server.get('/Patient/_search?_id=by-search').expect(200);
    expect(body.entry[0].resource.id).toBe('by-search');
    await server.get('/_search?_type=Patient&_id=by-search').expect(200);
  });

  describe('a patch in another form than it says', () => {
    test.each([
      ['a JSON Patch as JSON', [{ op: 'add', path: '/active', value: true }], 'application/json-patch+json'],
      ['a merge patch', { active: true }, 'merge patch'],
    ])('%s', async (_, body, told) => {
      await server.put('/Patient/patched', { ...patient, id: 'patched' });
      const answer = await server
        .patch('/Patient/patched', body)
        .set('Content-Type', 'application/json')
        .expect(400);
      expect(text(answer.body)).toContain(told);
    });
  });

  test.each(['application/json-patch+json', 'application/fhir+json'])(
    'a patch that is not there, sent as %s, is told what to send',
    async (type) => {
      await server.put('/Patient/patched', { ...patient, id: 'patched' });
      const headers = { 'Content-Type': type };
      const answer = await fetch(`${server.base}/Patient/patched`, { method: 'PATCH', headers });
      expect(answer.status).toBe(400);
      expect(text((await answer.json()) as Parameters<typeof text>[0])).toContain(
        'There is no patch in the request; send a JSON Patch',
      );
    },
  );

  test('_revinclude=* is all that refers to the matches, of any type', async () => {
    await server.put('/Patient/referred', { ...patient, id: 'referred' });
    const subject = { reference: 'Patient/referred' };
    await server
      .put('/Observation/refers', {
        resourceType: 'Observation',
        id: 'refers',
        status: 'final',
        code: { text: 'x' },
        subject,
      })
      .expect(201);
    await server.put('/Condition/refers', { resourceType: 'Condition', id: 'refers', subject }).expect(201);
    const { body } = await server.get('/Patient?_id=referred&_revinclude=*').expect(200);
    const found = body.entry.map(({ fullUrl }: { fullUrl: string }) => fullUrl.slice(server.base.length + 1));
    expect(found.sort()).toEqual(['Condition/refers', 'Observation/refers', 'Patient/referred']);
  });

  test('the same criteria in another order are the same condition: one resource, whoever comes first', async () => {
    const conditions = ['identifier=http://c/i|D&name=x', 'name=x&identifier=http://c/i|D'];
    const organization = {
      resourceType: 'Organization',
      name: 'x',
      identifier: [{ system: 'http://c/i', value: 'D' }],
    };
    await Promise.all(
      Array.from({ length: 40 }, (_, n) =>
        server.post('/Organization', organization).set('If-None-Exist', conditions[n % 2]!),
      ),
    );
    const { body } = await server.get('/Organization?identifier=http://c/i|D&_total=accurate').expect(200);
    expect(body.total).toBe(1);
  });
});

onEachEngine(
  (server) => {
    test('a reference below another address of the server is the same reference', async () => {
      const internal = 'http://internal.example/fhir';
      await server.put('/Patient/one', { resourceType: 'Patient', id: 'one' });
      await server
        .post('/Observation', {
          resourceType: 'Observation',
          status: 'final',
          code: { text: 'x' },
          identifier: [{ system: `${internal}/sid`, value: '1' }],
          subject: { reference: `${internal}/Patient/one` },
        })
        .expect(201);
      for (const subject of ['Patient/one', `${internal}/Patient/one`, `${server.base}/Patient/one`]) {
        const { body } = await server.get(`/Observation?subject=${subject}&_total=accurate`).expect(200);
        expect(body.total).toBe(1);
        expect(body.entry[0].resource.identifier[0].system).toBe(`${internal}/sid`);
      }
    });

    test('a reference to one version of an entry leads to the version that the transaction makes', async () => {
      const patient = { resourceType: 'Patient', id: 'v' };
      await server.put('/Patient/v', patient);
      await server.put('/Patient/v', { ...patient, active: true });
      const fullUrl = 'http://elsewhere.example/Patient/v';
      const { body } = await server
        .post('/', {
          resourceType: 'Bundle',
          type: 'transaction',
          entry: [
            {
              fullUrl,
              resource: { ...patient, active: false },
              request: { method: 'PUT', url: 'Patient/v' },
            },
            {
              fullUrl: 'urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0',
              resource: {
                resourceType: 'Provenance',
                target: [{ reference: `${fullUrl}/_history/7` }],
                recorded: '2026-11-27T10:00:00Z',
                agent: [{ who: { display: 'x' } }],
              },
              request: { method: 'POST', url: 'Provenance' },
            },
          ],
        })
        .set('Prefer', 'return=representation')
        .expect(200);
      expect(body.entry[1].resource.target[0].reference).toBe('Patient/v/_history/3');
      await server.get('/Patient/v/_history/3').expect(200);
    });

    test('a canonical in a transaction stays as it is, though an entry has it as its fullUrl', async () => {
      const url = 'http://elsewhere.example/ValueSet/list';
      const { body } = await server
        .post('/', {
          resourceType: 'Bundle',
          type: 'transaction',
          entry: [
            {
              fullUrl: url,
              resource: { resourceType: 'ValueSet', status: 'draft', url },
              request: { method: 'POST', url: 'ValueSet' },
            },
            {
              fullUrl: 'urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e1',
              resource: {
                resourceType: 'Questionnaire',
                status: 'draft',
                item: [{ linkId: '1', type: 'choice', answerValueSet: url }],
              },
              request: { method: 'POST', url: 'Questionnaire' },
            },
          ],
        })
        .set('Prefer', 'return=representation')
        .expect(200);
      expect(body.entry[1].resource.item[0].answerValueSet).toBe(url);
    });

    test('$everything by pages has each resource once', async () => {
      await server.put('/Organization/o', { resourceType: 'Organization', id: 'o', name: 'x' });
      await server.put('/Practitioner/p', { resourceType: 'Practitioner', id: 'p' });
      await server.put('/Patient/all', {
        resourceType: 'Patient',
        id: 'all',
        managingOrganization: { reference: 'Organization/o' },
      });
      const subject = { reference: 'Patient/all' };
      for (const n of [1, 2, 3, 4])
        await server.put(`/Observation/all-${n}`, {
          resourceType: 'Observation',
          id: `all-${n}`,
          status: 'final',
          code: { text: 'x' },
          subject,
          performer: [{ reference: 'Practitioner/p' }],
          ...(n > 1 && { derivedFrom: [{ reference: `Observation/all-${n - 1}` }] }),
        });
      const found: string[] = [];
      let next: string | undefined = '/Patient/all/$everything?_count=2';
      while (next) {
        const {
          body,
        }: { body: { entry: { fullUrl: string }[]; link: { relation: string; url: string }[] } } =
          await server.get(next).expect(200);
        found.push(...body.entry.map(({ fullUrl }) => fullUrl.slice(server.base.length + 1)));
        next = body.link.find(({ relation }) => relation === 'next')?.url.slice(server.base.length);
      }
      expect(found.sort()).toEqual([
        ...[1, 2, 3, 4].map((n) => `Observation/all-${n}`),
        'Organization/o',
        'Patient/all',
        'Practitioner/p',
      ]);
    });
  },
  { OTHER_BASE_URLS: 'http://internal.example/fhir' },
);
