import { beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Element, Resource } from '../../src/fhir/resource.ts';
import { type Party, type Step, steps, terminal } from '../../src/referral/workflow/steps.ts';
import { onEachEngine } from '../environment/server.ts';
import { example, newReferral, type ReferralBundle, referring, the } from './referrals.ts';

const canonical = 'https://w3id.org/zhuanzhen';

/** Who acts in the play, and for which institution. */
const people: Readonly<Record<Exclude<Party, 'system'> | 'stranger', Record<string, string>>> = {
  sender: { 'X-Acting-Organization': 'Organization/qingshi-health-centre' },
  receiver: { 'X-Acting-Organization': 'Organization/yongan-county-hospital' },
  'alliance-office': { 'X-Acting-Roles': 'alliance-office' },
  stranger: { 'X-Acting-Organization': 'Organization/hekou-health-centre' },
};
type Person = keyof typeof people;

/** What each requirement is met by; those that are not here the play does not meet. */
const met: Readonly<Record<string, Element[]>> = {
  reason: [{ name: 'reason', valueCodeableConcept: { text: '原因' } }],
  'coded-reason': [
    {
      name: 'reason',
      valueCodeableConcept: {
        coding: [{ system: `${canonical}/CodeSystem/reject-reason`, code: 'no-capacity' }],
        text: '无床位',
      },
    },
  ],
  'records-request': [{ name: 'records-request', valueString: '心电图' }],
  information: [{ name: 'information', valueString: '心电图已上传' }],
  department: [{ name: 'department', valueString: '心血管内科' }],
  liaison: [{ name: 'liaison', valueString: '李慧' }],
  'arrival-period': [{ name: 'arrival-period', valuePeriod: { end: '2099-01-01' } }],
  appointment: [{ name: 'appointment', valueReference: { display: '门诊' } }],
  departure: [{ name: 'departure', valueDateTime: '2026-11-27T10:00:00+08:00' }],
  escort: [],
  encounter: [{ name: 'encounter', valueReference: { display: '就诊' } }],
  feedback: [{ name: 'feedback', valueReference: { display: '小结' } }],
};

/** The rows that one operation takes and that are more than one Task's. */
const plain = steps.filter(
  ({ operation }) => operation && operation !== '$redirect' && operation !== '$return',
);

interface Move {
  referral: number;
  /** The name of a row. */
  step: string;
  person: Person;
  isComplete: boolean;
}

const moves: fc.Arbitrary<Move[]> = fc.array(
  fc.record({
    referral: fc.integer({ min: 0, max: 2 }),
    // Steps that many states allow come up often enough by themselves; so do the people who may take them.
    step: fc.constantFrom(...plain.map(({ name }) => name)),
    person: fc.constantFrom<Person>('receiver', 'receiver', 'sender', 'alliance-office', 'stranger'),
    isComplete: fc.boolean(),
  }),
  { minLength: 20, maxLength: 40 },
);

/** A referral whose time to arrive is never over, so that on no day of the year a patient counts as a no-show. */
function withoutHaste(): ReferralBundle {
  const bundle = newReferral();
  the(bundle, 'Task').restriction = { period: { end: '2099-01-01' } };
  return bundle;
}

onEachEngine((server) => {
  const { accepted, read } = referring(server);
  beforeAll(async () => {
    await server.post('/', example('community')).expect(200);
  });

  test('random people taking random steps find the server of one mind with the table', async () => {
    await fc.assert(
      fc.asyncProperty(moves, async (played) => {
        const tasks = [];
        for (const _ of [0, 1, 2]) tasks.push((await accepted(withoutHaste())).Task!);
        for (const move of played) await play(tasks[move.referral]!, move);
        for (const task of tasks) await checkEnd(task);
      }),
      { numRuns: 6, endOnFailure: true },
    );
  }, 120_000);

  async function play(id: string, { step: name, person, isComplete }: Move): Promise<void> {
    const step = plain.find((each) => each.name === name)!;
    const before = await read('Task', id);
    const state = stateOf(before);
    const given = isComplete ? step.requires.flatMap((need) => met[need] ?? []) : [];
    const parameter = [...given, { name: 'business-status', valueCode: step.to[0]!.split(':')[1] }];
    const hasChoice =
      new Set(steps.filter(({ operation }) => operation === step.operation).flatMap(({ to }) => to)).size > 1;
    const sent = hasChoice ? parameter : given;
    const body = { resourceType: 'Parameters', ...(sent.length > 0 && { parameter: sent }) };
    const answer = await server.post(`/Task/${id}/${step.operation}`, body).set(people[person]);

    const expected = expectedOf(step, state, person, before, given);
    expect([step.name, state, person, answer.status]).toEqual([step.name, state, person, expected]);
    const after = await read('Task', id);
    if (expected !== 200) expect(after).toEqual(before);
    else {
      expect(stateOf(after)).toBe(step.to[0]);
      expect(Number(after.meta!.versionId)).toBe(Number(before.meta!.versionId) + 1);
    }
  }

  /** What the table says: the step is not legal, not this person's, lacks something, or is taken. */
  function expectedOf(step: Step, state: string, person: Person, task: Resource, given: Element[]): number {
    const rows = steps.filter(
      ({ operation, from, to, only }) =>
        operation === step.operation &&
        from.some((each) => each === state) &&
        to.some((each) => each === step.to[0]) &&
        isOfRoutineUp(only),
    );
    if (rows.length === 0) return 409;
    const own = rows.filter(({ who }) => who.some((party) => party === person));
    if (own.length === 0) return 403;
    const names = new Set(given.map(({ name }) => name));
    const isMet = (name: string) =>
      name === 'escort' || names.has(name === 'coded-reason' ? 'reason' : name) || isThere(name, task);
    return own.some(({ requires }) => requires.every(isMet)) ? 200 : 422;
  }

  /** The referrals of the play are routine and go up. */
  function isOfRoutineUp(only: Step['only']): boolean {
    return only === undefined || only === 'treatment';
  }

  /** What an earlier step has brought stays. */
  function isThere(name: string, task: Resource): boolean {
    const types = [...((task.output ?? []) as Element[]), ...((task.input ?? []) as Element[])].map(
      ({ type }) => (type as { coding: { code: string }[] }).coding[0]!.code,
    );
    switch (name) {
      case 'arrival-period':
        return task.restriction !== undefined;
      // The referrals of the play ask for a specialty whose department and liaison are on record: they are proposed.
      case 'department':
      case 'liaison':
        return true;
      case 'reason':
        return (task.statusReason as Element | undefined)?.text !== undefined;
      case 'coded-reason':
        return (task.statusReason as Element | undefined)?.coding !== undefined;
      case 'appointment':
      case 'encounter':
      case 'departure':
        return types.includes(name);
      default:
        return false;
    }
  }

  async function checkEnd(id: string): Promise<void> {
    const task = await read('Task', id);
    const { body: history } = await server.get(`/Task/${id}/_history?_count=1000`).expect(200);
    const versions = history.entry.map(({ resource }: { resource: Resource }) =>
      Number(resource.meta!.versionId),
    );
    expect(versions).toEqual(Array.from({ length: versions.length }, (_, n) => versions.length - n));
    const isOpen = !terminal.has(stateOf(task) as never);
    const waiting = ((task.extension ?? []) as Element[]).filter(({ url }) =>
      String(url).endsWith('/waiting-for'),
    );
    if (isOpen) expect(waiting).toHaveLength(1);
    if (isOpen) expect(task.groupIdentifier).toBeDefined();
  }
});

function stateOf(task: Resource): string {
  const { coding } = task.businessStatus as { coding: { code: string }[] };
  return `${task.status}:${coding[0]!.code}`;
}
