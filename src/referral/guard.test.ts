import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  bloodPressure,
  community,
  consent,
  diagnosis,
  patient,
  referral,
  task,
  up,
} from '../../test/environment/community.ts';
import { memoryReader } from '../../test/environment/memory-reader.ts';
import { type Definitions, loadDefinitions } from '../fhir/definitions/definitions.ts';
import type { Resource } from '../fhir/resource.ts';
import { createSearchParameters, type SearchParameters } from '../fhir/search/parameters.ts';
import type { Change, Guard, Verdict } from '../interactions/guard.ts';
import { createReferralGuard } from './guard.ts';

const now = Date.parse('2026-03-02T09:01:00+08:00');

let definitions: Definitions;
let parameters: SearchParameters;
let guard: Guard;
/** The profiles that the validator was asked for, as `profile id`. */
let validated: string[];

beforeAll(() => {
  definitions = loadDefinitions(['profiles', 'terminology']);
  parameters = createSearchParameters(definitions);
  guard = createReferralGuard({
    definitions,
    validator: {
      validateProfile: (url, { id }) => {
        validated.push(`${url.split('/').at(-1)} ${id}`);
        return [];
      },
    },
    base: 'http://localhost/fhir',
  });
});

/** What the guard says when `given` is on record and `sent` is submitted. */
async function submit(sent: readonly (Resource | Change)[], given: readonly Resource[] = community) {
  validated = [];
  const reader = memoryReader(given, parameters);
  const changes = sent.map((each): Change => {
    if ('type' in each && 'previous' in each) return each as Change;
    const resource = each as Resource;
    const previous = given.find(
      ({ resourceType, id }) => resourceType === resource.resourceType && id === resource.id,
    );
    return { type: resource.resourceType, id: resource.id!, resource, previous: previous ?? null };
  });
  const verdict = await guard({ changes, reader, now });
  return { verdict, asked: reader.asked };
}

function deletion(resource: Resource): Change {
  return { type: resource.resourceType, id: resource.id!, resource: null, previous: resource };
}

const keys = ({ findings }: Verdict, severity = 'error') =>
  findings.filter((finding) => finding.severity === severity).map(({ coding }) => coding?.code);

const whole = [patient, consent, diagnosis, referral(), task()];

describe('what is a referral', () => {
  test('a whole referral to the lead hospital is accepted', async () => {
    const { verdict } = await submit(whole);
    expect(keys(verdict)).toEqual([]);
  });

  test('it is held to the profile of its direction, and what comes with it to theirs', async () => {
    await submit([...whole, ...community.slice(0, 2)], community.slice(2));
    expect(validated.sort()).toEqual([
      'organization lead',
      'organization township',
      'patient pt',
      'referral-task task',
      'up-referral sr',
    ]);
  });

  test('a plain ServiceRequest and a plain Task are left alone', async () => {
    const plain = { resourceType: 'ServiceRequest', id: 'lab', status: 'active', intent: 'order' };
    const { verdict } = await submit([
      plain,
      { resourceType: 'Task', id: 't', status: 'completed', focus: { reference: 'ServiceRequest/lab' } },
    ]);
    expect(verdict.findings).toEqual([]);
    expect(validated).toEqual([]);
  });

  test('the ServiceRequest of a referral Task is a referral, and without a direction it is refused', async () => {
    const { verdict } = await submit([...whole.slice(0, 3), referral({ category: [] }), task()]);
    expect(keys(verdict)).toContain('sr-direction');
  });

  test('a Task that tells nothing of itself is a referral Task when its focus is a stored referral', async () => {
    const bare = task({ status: 'rejected' });
    delete bare.businessStatus;
    const { verdict } = await submit([bare], [...community, ...whole.slice(0, 4)]);
    expect(keys(verdict)).toContain('task-reason');
  });

  test('a referral does not escape the rules by dropping its marks', async () => {
    const { verdict } = await submit([referral({ category: [], reasonCode: [] })], [...community, ...whole]);
    expect(keys(verdict)).toEqual(expect.arrayContaining(['sr-direction', 'sr-indication']));
  });
});

describe('where a referral may go', () => {
  test('a township health centre must refer to its lead hospital first', async () => {
    const { verdict } = await submit([
      ...whole.slice(0, 3),
      referral({ performer: [{ reference: 'Organization/municipal' }] }),
      task({ owner: { reference: 'Organization/municipal' } }),
    ]);
    expect(verdict.findings).toContainEqual(
      expect.objectContaining({
        change: 3,
        severity: 'error',
        code: 'business-rule',
        coding: expect.objectContaining({ code: 'up-lead-first' }),
        diagnostics: expect.stringContaining('市人民医院'),
        expression: ['ServiceRequest.performer'],
      }),
    );
  });

  test('the lead hospital of another community is not its own', async () => {
    const { verdict } = await submit([
      ...whole.slice(0, 4),
      task({ owner: { reference: 'Organization/neighbour' } }),
    ]);
    expect(keys(verdict)).toContain('up-lead-first');
  });

  test('sending the referral alone, and its Task to another hospital later, does not go round the rule', async () => {
    const { verdict } = await submit(
      [task({ owner: { reference: 'Organization/municipal' } })],
      [...community, ...whole.slice(0, 4)],
    );
    expect(verdict.findings).toContainEqual(
      expect.objectContaining({
        change: 0,
        coding: expect.objectContaining({ code: 'up-lead-first' }),
        expression: ['Task.focus'],
      }),
    );
  });

  test('nor does a second Task that comes with the first', async () => {
    const second = task({ id: 'second', owner: { reference: 'Organization/municipal' } });
    const { verdict } = await submit([...whole, second]);
    expect(verdict.findings).toContainEqual(
      expect.objectContaining({ change: 5, coding: expect.objectContaining({ code: 'up-lead-first' }) }),
    );
  });

  test('nor does a Task that waits on record for its referral', async () => {
    const waiting = task({ owner: { reference: 'Organization/municipal' } });
    const { verdict } = await submit([referral()], [...community, patient, consent, diagnosis, waiting]);
    expect(keys(verdict)).toContain('up-lead-first');
  });

  test('a referral that was accepted can always end', async () => {
    const withdrawn = { ...consent, status: 'inactive' };
    const { verdict } = await submit(
      [referral({ status: 'revoked' })],
      [...community, patient, withdrawn, diagnosis, referral(), task()],
    );
    expect(keys(verdict)).toEqual([]);
  });

  test('the lead hospital may pass a referral on to the municipal hospital', async () => {
    const rejected = task({ status: 'rejected', businessStatus: undefined });
    const onward = task({
      id: 'onward',
      partOf: [{ reference: 'Task/task' }],
      requester: { reference: 'Organization/lead' },
      owner: { reference: 'Organization/municipal' },
    });
    const { verdict } = await submit([onward], [...community, ...whole.slice(0, 4), rejected]);
    expect(keys(verdict)).toEqual([]);
  });

  test('references by the full URL of this server, with a version, lead to the same organizations', async () => {
    const { verdict } = await submit([
      ...whole.slice(0, 4),
      task({ owner: { reference: 'http://localhost/fhir/Organization/lead/_history/3' } }),
    ]);
    expect(keys(verdict)).toEqual([]);
  });

  test('a disease of the own tier stays there, unless its case is complex', async () => {
    const { verdict } = await submit([...whole.slice(0, 3), referral(up('up-agreed-other')), task()]);
    expect(verdict.findings).toContainEqual(
      expect.objectContaining({
        coding: expect.objectContaining({ code: 'up-own-level' }),
        diagnostics: expect.stringMatching(/^I10\.x00 \(source: /),
      }),
    );
  });
});

describe('what the findings say of the patient', () => {
  test('186/100 mm[Hg] is no routine case', async () => {
    const { verdict } = await submit([...whole, bloodPressure('bp', 186, 100)]);
    expect(verdict.findings).toContainEqual(
      expect.objectContaining({
        change: 3,
        coding: expect.objectContaining({ code: 'up-htn-urgent' }),
        diagnostics: expect.stringMatching(/^186\/100 mm\[Hg\] \(source: /),
      }),
    );
  });

  test('a reading of yesterday that the store holds counts, one of last week does not', async () => {
    const yesterday = bloodPressure('bp', 186, 100, { time: '2026-03-01T10:00:00+08:00' });
    const lastWeek = bloodPressure('bp', 186, 100, { time: '2026-02-23T10:00:00+08:00' });
    const sent = [diagnosis, referral(), task()];
    const known = [...community, patient, consent];
    expect(keys((await submit(sent, [...known, yesterday])).verdict)).toContain('up-htn-urgent');
    expect(keys((await submit(sent, [...known, lastWeek])).verdict)).toEqual([]);
  });

  test('a blood pressure without its unit is refused for that', async () => {
    const { verdict } = await submit([...whole, bloodPressure('bp', 120, 80, { unit: 'mmHg' })]);
    expect(keys(verdict)).toContain('obs-bp-unit');
  });

  test('a stored diagnosis that the referral states is judged with it', async () => {
    const words = {
      ...diagnosis,
      code: { coding: [{ system: 'urn:oid:2.16.156.10011.2.3.3.11.3', code: '高血压' }] },
    };
    const { verdict } = await submit([referral(), task()], [...community, patient, consent, words]);
    expect(verdict.findings).toContainEqual(
      expect.objectContaining({
        change: 0,
        coding: expect.objectContaining({ code: 'dx-icd-form' }),
        expression: ['ServiceRequest.reasonReference'],
      }),
    );
  });

  test('the consent of another patient is none', async () => {
    const other = { ...consent, patient: { reference: 'Patient/other' } };
    const { verdict } = await submit([patient, other, diagnosis, referral(), task()]);
    expect(keys(verdict)).toEqual(['doc-consent']);
  });

  test('a resident id with a wrong check character is refused, also outside of referrals', async () => {
    const wrong = {
      ...patient,
      identifier: [{ system: 'urn:oid:2.16.156.10011.1.3', value: '110105194912310021' }],
    };
    const { verdict, asked } = await submit([wrong]);
    expect(keys(verdict)).toContain('pat-id-check');
    expect(asked).toEqual([]);
  });
});

describe('the number of a referral', () => {
  test('stands for one referral for ever', async () => {
    const { verdict } = await submit(
      [{ ...referral(), id: 'sr2' }, task({ focus: { reference: 'ServiceRequest/sr2' }, id: 'task2' })],
      [...community, ...whole],
    );
    expect(verdict.status).toBe(409);
    expect(verdict.findings).toContainEqual(
      expect.objectContaining({
        change: 0,
        code: 'duplicate',
        diagnostics: 'https://w3id.org/zhuanzhen/sid/referral-number/township|ZZ-001 (ServiceRequest/sr)',
      }),
    );
  });

  test('stays when the referral is updated', async () => {
    const { verdict } = await submit([referral({ note: [{ text: '…' }] })], [...community, ...whole]);
    expect(verdict.findings.filter(({ code }) => code === 'duplicate')).toEqual([]);
  });

  test('is given once in a submission', async () => {
    const { verdict } = await submit([...whole, { ...referral(), id: 'sr2' }]);
    expect(verdict.status).toBe(409);
  });
});

describe('a referral that is sent again under its number', () => {
  const again = async (changes: Partial<Resource>) => {
    const sent = referral({ id: undefined as never, ...changes });
    const repeats = [{ type: 'ServiceRequest', id: 'sr', sent, stored: referral({ status: 'completed' }) }];
    const reader = memoryReader([...community, ...whole], parameters);
    const fresh = { type: 'Condition', id: 'dx2', resource: { ...diagnosis, id: 'dx2' }, previous: null };
    return guard({ changes: [fresh], repeats, reader, now });
  };

  test('is the one on record when it says the same, whatever has become of that one', async () => {
    const verdict = await again({ reasonReference: [{ reference: 'Condition/dx2' }] });
    expect(verdict.findings).toEqual([]);
  });

  test('is refused when it says something else', async () => {
    const verdict = await again({ priority: 'urgent' });
    expect(verdict.status).toBe(409);
    expect(verdict.findings).toContainEqual(
      expect.objectContaining({ change: 1, code: 'duplicate', expression: ['ServiceRequest.priority'] }),
    );
  });
});

describe('the warnings of an accepted referral', () => {
  const noPhone: Resource = { ...patient, telecom: [] };
  const warnings = ({ keep }: Verdict) =>
    (keep as (Resource & { code: { coding: { code: string }[] } })[]).map(
      (each) => each.code.coding[0]!.code,
    );

  test('are returned, and kept with it', async () => {
    const { verdict } = await submit([noPhone, ...whole.slice(1)]);
    expect(keys(verdict, 'warning')).toContain('pat-contact');
    expect(verdict.keep).toContainEqual(
      expect.objectContaining({
        resourceType: 'DetectedIssue',
        status: 'final',
        severity: 'moderate',
        patient: { reference: 'Patient/pt' },
        implicated: [{ reference: 'ServiceRequest/sr' }, { reference: 'Patient/pt' }],
      }),
    );
  });

  test('are not kept when the referral is refused', async () => {
    const { verdict } = await submit([noPhone, diagnosis, referral(), task()]);
    expect(verdict.keep).toEqual([]);
  });

  test('are not written again while they stay the same', async () => {
    const sent = [noPhone, ...whole.slice(1)];
    const first = (await submit(sent)).verdict.keep;
    const { verdict } = await submit(sent, [...community, ...sent, ...first]);
    expect(warnings(verdict)).toEqual([]);
    expect(verdict.withdraw).toEqual([]);
  });

  test('are withdrawn when the reason is gone, also outside of the referral', async () => {
    const sent = [noPhone, ...whole.slice(1)];
    const first = (await submit(sent)).verdict.keep;
    const { verdict } = await submit([patient], [...community, ...sent, ...first]);
    const contact = first.find((each) => JSON.stringify(each).includes('"pat-contact"'));
    expect(verdict.withdraw).toEqual([{ type: 'DetectedIssue', id: contact!.id }]);
  });

  test('stay while it is not, and are not repeated to whom they do not concern', async () => {
    const sent = [noPhone, ...whole.slice(1)];
    const first = (await submit(sent)).verdict.keep;
    const { verdict } = await submit([{ ...noPhone, active: true }], [...community, ...sent, ...first]);
    expect(verdict).toEqual({ findings: [], keep: [], withdraw: [] });
  });

  test('go with the referral when it is deleted', async () => {
    const sent = [noPhone, ...whole.slice(1)];
    const first = (await submit(sent)).verdict.keep;
    const { verdict } = await submit([deletion(referral())], [...community, ...sent, ...first]);
    expect(verdict.withdraw?.map(({ id }) => id).sort()).toEqual(first.map(({ id }) => id).sort());
  });

  test('what others put on record about the referral is left alone', async () => {
    const foreign: Resource = {
      resourceType: 'DetectedIssue',
      id: 'interaction',
      status: 'final',
      implicated: [{ reference: 'ServiceRequest/sr' }],
    };
    const { verdict } = await submit([deletion(referral())], [...community, ...whole, foreign]);
    expect(verdict.withdraw).toEqual([]);
  });
});

describe('what the store is asked', () => {
  test('nothing for what no rule speaks of', async () => {
    const { asked } = await submit([{ resourceType: 'Slot', id: 's' }]);
    expect(asked).toEqual([]);
  });

  test('for a whole referral of a new patient: the parties, and whether its number is taken', async () => {
    const { asked } = await submit(whole);
    expect(asked).toEqual([
      'ServiceRequest',
      'PractitionerRole/dr-wang',
      'OrganizationAffiliation',
      'Organization',
    ]);
  });

  test('for an emergency no medicines', async () => {
    const green = {
      url: 'https://w3id.org/zhuanzhen/StructureDefinition/green-channel',
      valueBoolean: true,
    };
    const { asked } = await submit(
      [diagnosis, referral({ priority: 'stat', extension: [green], ...up('up-emergency') }), task()],
      [...community, patient],
    );
    expect(asked).not.toContain('MedicationRequest');
  });
});
