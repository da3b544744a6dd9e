import { randomUUID } from 'node:crypto';
import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { readSequence } from '../../src/examples/sequence.ts';
import { refusals, refuse } from '../../src/fhir/refusal.ts';
import type { Element, Resource } from '../../src/fhir/resource.ts';
import { loadXml } from '../../src/fhir/xml/xml.ts';
import { onEachEngine } from '../environment/server.ts';
import { answerIn, asMessage, type MessageBundle, message, taskOf } from './messages.ts';
import { errorsOf, example, newReferral, type ReferralBundle, referring, the, without } from './referrals.ts';

const canonical = 'https://w3id.org/zhuanzhen';
const township = { 'X-Acting-Organization': 'Organization/qingshi-health-centre' };
const hospital = { 'X-Acting-Organization': 'Organization/yongan-county-hospital' };
const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();
const reasonOf = (system: string, code: string, text?: string) => ({
  coding: [{ system: `${canonical}/CodeSystem/${system}`, code }],
  ...(text !== undefined && { text }),
});
const document = (subject: string, title: string): Resource => ({
  resourceType: 'DocumentReference',
  status: 'current',
  subject: { reference: `Patient/${subject}` },
  content: [{ attachment: { contentType: 'text/plain', title, data: 'AAAA' } }],
});

onEachEngine((server) => {
  const { read } = referring(server);
  beforeAll(async () => {
    await server.post('/', example('community')).expect(200);
  });

  const send = (sent: MessageBundle, actor: Record<string, string> = {}) =>
    server.post('/$process-message', sent).set(actor);

  /** Sends a message that is taken; gives its answer and the Task as it is then. */
  async function taken(sent: MessageBundle, actor: Record<string, string> = {}) {
    const { body, status } = await send(sent, actor);
    const answer = answerIn(body);
    if (status !== 200) throw new Error(JSON.stringify(answer.outcome.issue));
    expect(answer.response).toMatchObject({ code: 'ok', identifier: sent.entry[0]!.resource.id });
    const task = answer.others.find(({ resourceType }) => resourceType === 'Task');
    return { ...answer, task: task!, state: stateOf(task!), body: body as MessageBundle };
  }
  const stateOf = (task: Resource) =>
    `${task.status}:${(task.businessStatus as { coding: { code: string }[] }).coding[0]!.code}`;
  const idIn = (focus: readonly string[], type: string) =>
    focus
      .find((each) => each.startsWith(`${server.base}/${type}/`))
      ?.split('/')
      .at(-1);
  const inputs = (task: Resource, list = 'input') =>
    ((task[list] ?? []) as { type: { coding: { code: string }[] }; valueReference?: Element }[]).map(
      ({ type, valueReference }) => `${type.coding[0]!.code} ${valueReference?.reference}`,
    );

  async function aReferral(bundle: ReferralBundle = newReferral()) {
    const { focus } = await taken(asMessage(bundle), township);
    const patient = (await read('ServiceRequest', idIn(focus, 'ServiceRequest')!)).subject as Element;
    return { bundle, patient: String(patient.reference).split('/')[1]!, task: idIn(focus, 'Task')! };
  }

  describe('the events of a referral, each as a message', () => {
    test('from the request to the feedback', async () => {
      const bundle = newReferral();
      const sent = asMessage(bundle);
      const requested = await taken(sent, township);
      expect(requested.state).toBe('requested:submitted');
      const patient = String((requested.task.for as Element).reference).split('/')[1]!;

      const asked = await taken(
        message('referral-response', [
          taskOf(bundle, {
            status: 'received',
            businessStatus: reasonOf('referral-business-status', 'under-review'),
          }),
        ]),
        hospital,
      );
      expect(asked.state).toBe('received:under-review');

      const missing = await taken(
        message('referral-response', [
          taskOf(bundle, {
            status: 'received',
            businessStatus: reasonOf('referral-business-status', 'awaiting-information'),
            statusReason: reasonOf('reject-reason', 'incomplete', '缺12导联心电图'),
            input: [
              {
                type: {
                  coding: [{ system: `${canonical}/CodeSystem/task-input-type`, code: 'records-request' }],
                },
                valueString: '12导联心电图',
              },
            ],
          }),
        ]),
        hospital,
      );
      expect(missing.state).toBe('received:awaiting-information');

      const supplied = await taken(
        message('additional-info', [
          { resource: document(patient, '12导联心电图') },
          taskOf(bundle, { status: 'received' }),
        ]),
        township,
      );
      expect(supplied.state).toBe('received:under-review');
      expect(inputs(supplied.task).at(-1)).toMatch(/^extra-info DocumentReference\//);

      const accepted = await taken(
        message('referral-response', [
          taskOf(bundle, { status: 'accepted', restriction: { period: { end: inDays(5) } } }),
        ]),
        hospital,
      );
      expect(accepted.state).toBe('accepted:appointment-pending');

      const arrived = await taken(
        message('patient-arrival', [
          {
            resource: {
              resourceType: 'Encounter',
              status: 'in-progress',
              class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
              subject: { reference: `Patient/${patient}` },
              serviceProvider: { reference: 'Organization/yongan-county-hospital' },
            },
          },
          taskOf(bundle, { status: 'in-progress' }),
        ]),
        hospital,
      );
      expect(arrived.state).toBe('in-progress:arrived');
      expect(inputs(arrived.task, 'output')).toContainEqual(expect.stringMatching(/^encounter Encounter\//));

      const records = await taken(
        message('records-submitted', [
          { resource: document(patient, '既往病历') },
          taskOf(bundle, { status: 'in-progress' }),
        ]),
        township,
      );
      expect(records.state).toBe('in-progress:arrived');
      expect(inputs(records.task).filter((each) => each.startsWith('extra-info'))).toHaveLength(2);

      const feedback = await taken(
        message('referral-feedback', [
          { resource: document(patient, '出院小结') },
          taskOf(bundle, { status: 'completed' }),
        ]),
        hospital,
      );
      expect(feedback.state).toBe('completed:treated');
      const referral = await read('ServiceRequest', idIn(requested.focus, 'ServiceRequest')!);
      expect(referral.status).toBe('completed');
    });

    test('the sender cancels, also after arrival, when it is a request to the receiver', async () => {
      const before = await aReferral();
      const cancel = (bundle: ReferralBundle) =>
        message('referral-cancel', [], {
          focus: [taskOf(bundle, {}).resource.focus as Element],
          more: { reason: reasonOf('cancel-reason', 'condition-improved', '血压已达标') },
        });
      expect((await taken(cancel(before.bundle), township)).state).toBe('cancelled:by-sender');

      const after = await aReferral(newReferral('valid/02-hypertensive-emergency'));
      await taken(
        message('patient-arrival', [
          taskOf(after.bundle, {
            status: 'in-progress',
            output: [
              {
                type: { coding: [{ system: `${canonical}/CodeSystem/output-type`, code: 'encounter' }] },
                valueReference: { display: '急诊' },
              },
            ],
          }),
        ]),
        hospital,
      );
      expect((await taken(cancel(after.bundle), township)).state).toBe('in-progress:arrived');
      const { body } = await server.get(`/Task?focus=Task/${after.task}`).expect(200);
      expect(body.entry).toHaveLength(1);
      expect(body.entry[0].resource).toMatchObject({
        status: 'requested',
        reasonCode: { text: '血压已达标' },
      });
    });

    test('feedback with a down-referral returns the patient, and asks the sender to take the patient back', async () => {
      const stroke = await aReferral(newReferral('valid/03-stroke-within-window'));
      const encounter = {
        type: { coding: [{ system: `${canonical}/CodeSystem/output-type`, code: 'encounter' }] },
        valueReference: { display: '急诊' },
      };
      const arrival = taskOf(stroke.bundle, { status: 'in-progress', output: [encounter] });
      await taken(message('patient-arrival', [arrival]), hospital);

      const { body } = readSequence('steps/08-returned-with-plan').requests.find(({ url }) =>
        url.endsWith('$return'),
      )! as unknown as { body: { parameter: { resource?: Resource }[] } };
      const papers = body.parameter.flatMap(({ resource }) => resource ?? []);
      let text = JSON.stringify(
        papers.map((resource) => ({ fullUrl: `urn:uuid:${randomUUID()}`, resource })),
      ).replaceAll('Patient/{patient}', `Patient/${stroke.patient}`);
      text = text.replaceAll('YAXR202611160201', `BACK-${randomUUID().slice(0, 8)}`);
      for (const { fullUrl, resource } of JSON.parse(text) as MessageBundle['entry'])
        text = text.replaceAll(`"${resource.resourceType}/${resource.id}"`, `"${fullUrl}"`);
      const feedback = [
        ...(JSON.parse(text) as MessageBundle['entry']),
        { resource: document(stroke.patient, '回转单') },
        taskOf(stroke.bundle, { status: 'completed' }),
      ];
      const returned = await taken(message('referral-feedback', feedback), hospital);
      const down = returned.others.find(
        (each) => each.resourceType === 'ServiceRequest' && JSON.stringify(each.category).includes('"down"'),
      )!;
      expect(inputs(returned.task, 'output')).toContain(`down-referral ServiceRequest/${down.id}`);
      expect(stateOf(returned.task)).toBe('completed:returned');
      const { body: found } = await server.get(`/Task?focus=ServiceRequest/${down.id}`).expect(200);
      expect(found.entry).toHaveLength(1);
      expect(found.entry[0].resource).toMatchObject({
        status: 'requested',
        owner: { reference: 'Organization/qingshi-health-centre' },
        requester: { reference: 'Organization/yongan-county-hospital' },
      });
    });

    test('a rejection needs its reason, a response its Task, and each event leads where it says', async () => {
      const { bundle } = await aReferral();
      const rejected = (
        await send(message('referral-response', [taskOf(bundle, { status: 'rejected' })]), hospital).expect(
          422,
        )
      ).body;
      expect(answerIn(rejected).response.code).toBe('fatal-error');
      expect(errorsOf(answerIn(rejected).outcome)).toEqual(['task-reason']);
      const focus = [taskOf(bundle, {}).resource.focus as Element];
      await send(message('referral-response', [], { focus }), hospital).expect(422);
      const { body } = await send(
        message('referral-response', [taskOf(bundle, { status: 'completed' })]),
        hospital,
      ).expect(422);
      expect(JSON.stringify(answerIn(body).outcome)).toContain('rejected');
    });
  });

  describe('a message that is sent again', () => {
    test('is answered the same to the last byte, and does nothing twice', async () => {
      const sent = asMessage(newReferral());
      const first = await send(sent, township).expect(200);
      const second = await send(sent, township).expect(200);
      expect(second.text).toBe(first.text);
      // The same message in another envelope, its members in another order.
      const [header, ...others] = sent.entry;
      const turned = Object.fromEntries(Object.entries(header!.resource).reverse()) as Resource;
      const entry = [{ ...header!, resource: turned }, ...others];
      const third = await send({ ...sent, id: randomUUID(), entry }, township).expect(200);
      expect(third.text).toBe(first.text);
      const task = idIn(answerIn(first.body).focus, 'Task')!;
      expect((await server.get(`/Task/${task}/_history`).expect(200)).body.entry).toHaveLength(1);
    });

    test('at the same time is processed once', async () => {
      const sent = asMessage(newReferral());
      const answers = await Promise.all(Array.from({ length: 4 }, () => send(sent, township)));
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
      expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    });

    test('is refused when it says something else, and the first answer stands', async () => {
      const sent = asMessage(newReferral());
      const first = await send(sent, township).expect(200);
      const other = JSON.parse(
        JSON.stringify(sent).replaceAll('头痛', '头晕').replace('"routine"', '"urgent"'),
      );
      const { body } = await send(other, township).expect(409);
      expect(answerIn(body).response).toMatchObject({ code: 'fatal-error' });
      expect(errorsOf(answerIn(body).outcome)).toEqual(['duplicate']);
      expect((await send(sent, township).expect(200)).text).toBe(first.text);
    });

    test('is refused in an envelope that brought another message', async () => {
      const one = asMessage(newReferral());
      await send(one, township).expect(200);
      const { body } = await send({ ...asMessage(newReferral()), id: one.id! }, township).expect(409);
      expect(answerIn(body).outcome.issue).toMatchObject([{ expression: ['Bundle.id'] }]);
    });

    test('has the ids of its own sender: another one`s message of the same id is another message', async () => {
      const { bundle } = await aReferral();
      const answer = message('referral-response', [taskOf(bundle, { status: 'received' })]);
      const { body } = await send(answer, township).expect(403);
      expect(answerIn(body).response.code).toBe('fatal-error');
      expect((await taken(answer, hospital)).state).toBe('received:under-review');
    });

    test('after a refusal is refused the same, and what it would have made is not there', async () => {
      const bundle = without(newReferral(), 'Consent');
      const sent = asMessage(bundle);
      const first = await send(sent, township).expect(422);
      expect(errorsOf(answerIn(first.body).outcome)).toEqual(['doc-consent']);
      expect((await send(sent, township).expect(422)).text).toBe(first.text);
      const number = (the(bundle, 'ServiceRequest').identifier as Element[])[0]!.value;
      const { body } = await server.get(`/ServiceRequest?identifier=${number}`).expect(200);
      expect(body.entry).toBeUndefined();
    });

    test('under a new id is answered with what is on record; with another content 409', async () => {
      const bundle = newReferral();
      const first = await taken(asMessage(bundle), township);
      const again = await taken(asMessage(bundle), township);
      expect(again.focus).toEqual(first.focus);
      Object.assign(the(bundle, 'ServiceRequest'), { priority: 'urgent' });
      const { body } = await send(asMessage(bundle), township).expect(409);
      expect(errorsOf(answerIn(body).outcome)).toContain('duplicate');
    });
  });

  describe('what is no message of ours', () => {
    test.each([
      ['another resource', { resourceType: 'Patient' }],
      ['another Bundle', { resourceType: 'Bundle', type: 'collection' }],
      [
        'a Bundle without a header',
        { ...asMessage(newReferral()), entry: [{ resource: { resourceType: 'Patient' } }] },
      ],
    ])('%s is refused with an OperationOutcome', async (_, body) => {
      const answer = await server.post('/$process-message', body).expect(400);
      expect(answer.body.resourceType).toBe('OperationOutcome');
    });

    test.each([
      ['an event that is not known', { eventCoding: { system: 'urn:x', code: 'y' } }],
      ['a response', { response: { identifier: 'x', code: 'ok' } }],
    ])('%s is answered as a fatal error', async (_, more) => {
      const { body } = await send(asMessage(newReferral(), more)).expect(400);
      expect(answerIn(body).response.code).toBe('fatal-error');
    });

    test.each(['async=true', 'response-url=https://a.example', 'x=y'])(
      '?%s is refused, saying why',
      async (query) => {
        const { body } = await server
          .post(`/$process-message?${query}`, asMessage(newReferral()))
          .expect(400);
        expect(body.issue[0]).toMatchObject({ code: 'not-supported' });
      },
    );
  });

  test('who wants no answer gets none', async () => {
    const extension = [
      {
        url: 'http://hl7.org/fhir/StructureDefinition/messageheader-response-request',
        valueCode: 'on-error',
      },
    ];
    await send(asMessage(newReferral(), { extension }), township).expect(204);
    const broken = asMessage(without(newReferral(), 'Consent'), { extension });
    await send(broken, township).expect(422);
  });

  test('nobody speaks in another`s name', async () => {
    const sender = { reference: 'Organization/yongan-county-hospital' };
    const sent = asMessage(newReferral(), { sender });
    const { body } = await send(sent, township).expect(403);
    expect(answerIn(body).response.code).toBe('fatal-error');
    expect(JSON.stringify(answerIn(body).outcome)).toContain('Organization/yongan-county-hospital');
  });

  test('where nobody is known, the sender of the message acts', async () => {
    const { bundle } = await aReferral();
    const sent = (organization: string) =>
      message('referral-response', [taskOf(bundle, { status: 'received' })], {
        more: { sender: { reference: organization } },
      });
    await send(sent('Organization/qingshi-health-centre')).expect(403);
    await send(sent('Organization/yongan-county-hospital')).expect(200);
  });

  describe('what a receiving institution or service asks for beyond', () => {
    const definition = (id: string, place: string): Resource => ({
      resourceType: 'MessageDefinition',
      id,
      url: `https://yongan.example/MessageDefinition/${id}`,
      title: '永安县人民医院:转诊须附病历',
      status: 'active',
      date: '2026-11-30',
      eventCoding: { system: `${canonical}/CodeSystem/message-event`, code: 'referral-request' },
      useContext: [
        {
          code: { system: 'http://terminology.hl7.org/CodeSystem/usage-context-type', code: 'venue' },
          valueReference: { reference: place },
        },
      ],
      focus: [{ code: 'DocumentReference', min: 1, max: '*' }],
    });
    afterEach(async () => {
      await server.delete('/MessageDefinition/own');
    });

    test.each(['Organization/yongan-county-hospital', 'HealthcareService/yongan-cardiology'])(
      'is held to at once: by a MessageDefinition of %s',
      async (place) => {
        const bundle = newReferral();
        if (place.startsWith('HealthcareService'))
          the(bundle, 'ServiceRequest').performer = [{ reference: place }];
        await server.put('/MessageDefinition/own', definition('own', place)).expect(201);
        const { body } = await send(asMessage(bundle), township).expect(422);
        expect(answerIn(body).response.code).toBe('fatal-error');
        expect(answerIn(body).outcome.issue).toMatchObject([
          {
            code: 'required',
            details: { text: expect.stringContaining('永安县人民医院:转诊须附病历') },
            expression: ['Bundle.entry[0].resource.focus'],
          },
        ]);

        const complete = asMessage(bundle);
        const patient = complete.entry.find(({ resource }) => resource.resourceType === 'Patient')!;
        const { subject: _, ...paper } = document('x', '病历');
        const resource = { ...paper, subject: { reference: patient.fullUrl } } as Resource;
        complete.entry.push({ fullUrl: `urn:uuid:${randomUUID()}`, resource });
        await taken(complete, township);
      },
    );

    test('concerns nobody else', async () => {
      const place = 'Organization/linjiang-municipal-hospital';
      await server.put('/MessageDefinition/own', definition('own', place)).expect(201);
      await taken(asMessage(newReferral()), township);
    });

    test('holds its profile: each resource in focus has to meet it', async () => {
      const strict = {
        ...definition('own', 'Organization/yongan-county-hospital'),
        focus: [
          {
            code: 'ServiceRequest',
            profile: `${canonical}/StructureDefinition/down-referral`,
            min: 1,
            max: '1',
          },
        ],
      };
      await server.put('/MessageDefinition/own', strict).expect(201);
      const { body } = await send(asMessage(newReferral()), township).expect(422);
      const issues = answerIn(body).outcome.issue as { expression: string[]; diagnostics: string }[];
      expect(issues[0]!.expression[0]).toMatch(/^Bundle\.entry\[\d+\]\.resource/);
      expect(JSON.stringify(issues)).toContain('down-referral');
    });
  });

  test('while the database does not answer the error passes, and the message can be sent again', async () => {
    const sent = asMessage(newReferral());
    const { store } = server.running.server;
    const { write } = store;
    store.write = () => Promise.reject(refuse(refusals.storeUnavailable));
    try {
      const { body, headers } = await send(sent, township).expect(503);
      expect(headers['retry-after']).toBeDefined();
      expect(answerIn(body).response.code).toBe('transient-error');
      expect(answerIn(body).outcome.issue).toMatchObject([{ code: 'transient' }]);
    } finally {
      store.write = write;
    }
    await taken(sent, township);
  });

  test('two requests in each other`s way: the error passes as well', async () => {
    const sent = asMessage(newReferral());
    const { store } = server.running.server;
    const { write } = store;
    store.write = () => Promise.reject(refuse(refusals.writeConflict));
    try {
      const { body } = await send(sent, township).expect(503);
      expect(answerIn(body).response.code).toBe('transient-error');
    } finally {
      store.write = write;
    }
    await taken(sent, township);
  });

  test('a message in XML is the same message, and is answered in XML', async () => {
    const xml = await loadXml(server.running.server.definitions);
    const sent = asMessage(newReferral());
    const inXml = () =>
      request(server.base)
        .post('/$process-message')
        .set({ 'Content-Type': 'application/fhir+xml', Accept: 'application/fhir+xml', ...township })
        .send(xml.write(JSON.stringify(sent), false));
    const { text } = await inXml()
      .expect(200)
      .expect('Content-Type', /fhir\+xml/);
    const answered = JSON.parse(xml.read(Buffer.from(text), 64)) as MessageBundle;
    expect(answerIn(answered).response.code).toBe('ok');
    const again = await send(sent, township).expect(200);
    expect(answerIn(again.body).focus).toEqual(answerIn(answered).focus);
  });

  test('a large message is answered as a small one is', async () => {
    const sent = asMessage(newReferral());
    const large = () =>
      request(server.base)
        .post('/$process-message')
        .set({ 'Content-Type': 'application/fhir+json', ...township })
        .send(' '.repeat(200_000) + JSON.stringify(sent));
    const first = await large().expect(200);
    expect(answerIn(first.body).response.code).toBe('ok');
    expect((await send(sent, township).expect(200)).text).toBe(first.text);
    expect((await large().expect(200)).text).toBe(first.text);
  });

  test('the CapabilityStatement lists the events, and each definition is served under its URL', async () => {
    const { body } = await server.get('/metadata').expect(200);
    const [messaging] = body.messaging;
    expect(messaging.endpoint[0].address).toBe(`${server.base}/$process-message`);
    expect(messaging.supportedMessage).toHaveLength(7);
    for (const { mode, definition } of messaging.supportedMessage) {
      expect(mode).toBe('receiver');
      const found = await server.get(`/MessageDefinition?url=${encodeURIComponent(definition)}`).expect(200);
      expect(found.body.entry).toHaveLength(1);
      const { eventCoding } = found.body.entry[0].resource;
      expect(definition).toBe(`${canonical}/MessageDefinition/${eventCoding.code}`);
    }
  });
});
