import { expect, test } from '@jest/globals';
import { onEachEngine } from '../environment/server.ts';

const picture = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 1, 2, 0xff]);

/** http://hl7.org/fhir/R4/binary.html#rest */
onEachEngine((server) => {
  const create = (type: string, content: Buffer | string) =>
    server.post('/Binary').set('Content-Type', type).send(content);

  test('content of any type is kept as a Binary, and read back as itself or as the resource', async () => {
    const created = await create('image/png', picture).expect(201);
    expect(created.body).toMatchObject({
      resourceType: 'Binary',
      contentType: 'image/png',
      data: picture.toString('base64'),
    });
    const path = `/Binary/${created.body.id}`;
    for (const accept of ['image/png', 'image/*', 'text/html, image/png;q=0.5']) {
      const read = await server
        .get(path)
        .set('Accept', accept)
        .expect(200)
        .expect('Content-Type', 'image/png');
      expect(read.body).toEqual(picture);
      expect(read.headers.etag).toBe('W/"1"');
      expect(read.headers['content-security-policy']).toContain('sandbox');
    }
    for (const accept of ['application/fhir+json', '*/*', 'image/png, application/fhir+json']) {
      const read = await server.get(path).set('Accept', accept).expect(200);
      expect(read.headers['content-type']).toContain('application/fhir+json');
      expect(read.body).toEqual(created.body);
    }
    await server.get(path).set('Accept', 'text/html').expect(406);
    await server.get(path).set('Accept', 'image/png').set('If-None-Match', 'W/"1"').expect(304);
  });

  test('an update replaces the content; versions keep theirs', async () => {
    await server.put('/Binary/note', {
      resourceType: 'Binary',
      id: 'note',
      contentType: 'text/plain',
      data: 'YQ==',
    });
    await server
      .put('/Binary/note', Buffer.from('b') as unknown as object)
      .set('Content-Type', 'text/plain')
      .expect(200);
    const current = await server.get('/Binary/note').set('Accept', 'text/plain').expect(200);
    expect(current.text).toBe('b');
    expect((await server.get('/Binary/note/_history/1').set('Accept', 'text/plain').expect(200)).text).toBe(
      'a',
    );
  });

  test('whose access rules it follows is said beside it', async () => {
    const { body } = await create('text/plain', 'x').set('X-Security-Context', 'Patient/a').expect(201);
    expect(body.securityContext).toEqual({ reference: 'Patient/a' });
  });

  test('a Binary as a resource stays one, and FHIR of other forms is no content', async () => {
    const { body } = await server
      .post('/Binary', { resourceType: 'Binary', contentType: 'text/plain', data: 'YQ==' })
      .expect(201);
    expect(body.data).toBe('YQ==');
    await create('text/turtle', '[ a fhir:Binary ].').expect(415);
    await server.post('/Patient').set('Content-Type', 'image/png').send(picture).expect(415);
  });

  test('a type that no header can hold is not answered in', async () => {
    const odd = { resourceType: 'Binary', id: 'odd', contentType: 'text/plain; name=名', data: 'YQ==' };
    const { status } = await server.put('/Binary/odd', odd);
    await server
      .get('/Binary/odd')
      .set('Accept', 'text/plain')
      .expect(status === 201 ? 406 : 404);
  });

  test('what is not there is not there in any form', async () => {
    await server.get('/Binary/never').set('Accept', 'image/png').expect(404);
  });
});
