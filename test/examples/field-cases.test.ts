import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Element, Resource } from '../../src/fhir/resource.ts';
import {
  errorsOf,
  example,
  newReferral,
  numberOf,
  type ReferralBundle,
  the,
  without,
} from '../api/referrals.ts';
import { onEachEngine } from '../environment/server.ts';

/*
 * What really comes from county hospitals, township health centres and village clinics, and what may never pass: each
 * line is a referral of the examples with one thing changed, what happens to it, and why.
 */

const base = 'https://w3id.org/zhuanzhen';
const residentIds = 'urn:oid:2.16.156.10011.1.3';
const icd10 = 'urn:oid:2.16.156.10011.2.3.3.11.3';
const chineseMedicine = 'urn:oid:2.16.156.10011.2.3.3.14';
const routine = 'valid/01-routine-up-hypertension';
const emergency = 'valid/02-hypertensive-emergency';

type Change = (bundle: ReferralBundle) => ReferralBundle | undefined;

/** A change of the first resource of a type. */
const with_ =
  (type: string, members: Element): Change =>
  (bundle) => {
    Object.assign(the(bundle, type), members);
    return undefined;
  };

const all =
  (...changes: Change[]): Change =>
  (bundle) =>
    changes.reduce((changed, change) => change(changed) ?? changed, bundle);

/** The patient has this number instead of a resident id, and is looked up by it. */
const numbered =
  (system: string, value: string, members: Element = {}): Change =>
  (bundle) => {
    Object.assign(the(bundle, 'Patient'), { identifier: [{ system, value }], ...members });
    entryOf(bundle, 'Patient').request.ifNoneExist = `identifier=${system}|${value}`;
    return undefined;
  };

const diagnosed = (...codings: Element[]): Change => with_('Condition', { code: { coding: codings } });

const at = (type: string, id: string) => ({ reference: `${type}/${id}` });
/** A doctor who was there all along. */
const veteran = { requester: at('PractitionerRole', 'veteran') };
const concept = (system: string, code: string) => ({ coding: [{ system, code }] });
const bypassing = (code: string) => ({
  extension: [
    {
      url: `${base}/StructureDefinition/bypass-reason`,
      valueCodeableConcept: concept(`${base}/CodeSystem/bypass-reason`, code),
    },
  ],
});
/** Where the referral and its Task go. */
const to = (organization: string, members: Element = {}): Change =>
  all(
    with_('ServiceRequest', {
      performer: [at('Organization', organization)],
      performerType: undefined,
      ...members,
    }),
    with_('Task', { owner: at('Organization', organization) }),
  );

const quantity = (value: number, code: string) => ({
  value,
  unit: code,
  system: 'http://unitsofmeasure.org',
  code,
});
/** One more observation of the patient, which the referral states as evidence. */
const observed =
  (observation: Element): Change =>
  (bundle) => {
    const { subject } = the(bundle, 'ServiceRequest');
    const fullUrl = 'urn:uuid:7a1f8a52-9f0d-4a55-8f0b-3a8a2a1c7777';
    const resource = {
      resourceType: 'Observation',
      status: 'final',
      effectiveDateTime: the(bundle, 'ServiceRequest').authoredOn,
      subject,
      ...observation,
    } as Resource;
    (the(bundle, 'ServiceRequest').supportingInfo as Element[]).push({ reference: fullUrl });
    return {
      ...bundle,
      entry: [{ fullUrl, resource, request: { method: 'POST', url: 'Observation' } }, ...bundle.entry],
    };
  };
const dataElement = (code: string) => concept('urn:oid:2.16.156.10011.2.2.1', code);
const kilopascals = (systolic: number, diastolic: number) => ({
  code: { text: '血压' },
  component: [
    { code: dataElement('DE04.10.174.00'), valueQuantity: quantity(systolic, 'kPa') },
    { code: dataElement('DE04.10.176.00'), valueQuantity: quantity(diastolic, 'kPa') },
  ],
});
const temperature = (value: number) => ({
  category: [concept('http://terminology.hl7.org/CodeSystem/observation-category', 'vital-signs')],
  code: concept('http://loinc.org', '8310-5'),
  valueQuantity: quantity(value, 'Cel'),
});
const glucose = (value: number, unit: string) => ({
  code: concept('http://loinc.org', '2339-0'),
  valueQuantity: quantity(value, unit),
});
const pressure =
  (systolic: number): Change =>
  (bundle) => {
    const panel = bundle.entry.find(({ resource }) =>
      JSON.stringify(resource.code ?? '').includes('85354-9'),
    );
    const [first] = panel!.resource.component as Element[];
    Object.assign(first!.valueQuantity as Element, { value: systolic });
    return undefined;
  };
const nobody: Change = (bundle) => {
  const patient = the(bundle, 'Patient');
  for (const member of ['identifier', 'birthDate', 'telecom', 'address', 'generalPractitioner'])
    delete patient[member];
  Object.assign(patient, { name: [{ text: '无名氏' }], gender: 'male', birthDate: undefined });
  delete entryOf(bundle, 'Patient').request.ifNoneExist;
  return undefined;
};
const withoutTask: Change = (bundle) => without(bundle, 'Task');

function entryOf(bundle: ReferralBundle, type: string) {
  return bundle.entry.find(({ resource }) => resource.resourceType === type)!;
}

/** The resident id of a date of birth, with its check character (GB 11643). */
function residentId(born: string, sequence: number): string {
  const digits = `629901${born.replaceAll('-', '')}${String(sequence).padStart(3, '0')}`;
  const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
  const sum = weights.reduce((total, weight, index) => total + weight * Number(digits[index]), 0);
  return digits + '10X98765432'[sum % 11]!;
}

const aWoman = numbered(residentIds, residentId('1958-03-14', 42), {
  birthDate: '1958-03-14',
  gender: 'female',
});
const birthCertificates = `${base}/sid/birth-certificate`;
const newborn = { birthDate: '2026-11-14', gender: 'female', name: [{ text: '王秀兰之女' }] };

const accepted: readonly [string, string, Change, string?][] = [
  [
    'a newborn by its birth certificate',
    'it has a number of its own',
    numbered(birthCertificates, 'W620000001', newborn),
  ],
  [
    'a foreigner by passport',
    'any identifier will do that is one',
    numbered(`${base}/sid/passport`, 'E12345678', { name: [{ text: 'MULLER, HANS' }] }),
  ],
  ['a resident of Hong Kong by permit', 'likewise', numbered(`${base}/sid/hk-macau-permit`, 'H12345678')],
  ['a resident of Macau by permit', 'likewise', numbered(`${base}/sid/hk-macau-permit`, 'M12345678')],
  ['a resident of Taiwan by permit', 'likewise', numbered(`${base}/sid/taiwan-permit`, '12345678')],
  [
    'a woman of 105 years',
    'there is no greatest age',
    numbered(residentIds, residentId('1921-05-04', 42), { birthDate: '1921-05-04', gender: 'female' }),
  ],
  [
    'a name with a middle dot',
    'names of minorities are written so',
    with_('Patient', { name: [{ text: '阿依古丽·买买提', family: '买买提', given: ['阿依古丽'] }] }),
  ],
  ['a name of one character', 'there are such', with_('Patient', { name: [{ text: '丽' }] })],
  [
    'a diagnosis of Chinese medicine, GB/T 15657-1995',
    'beside ICD-10, as the forms have it',
    diagnosed(
      { system: icd10, code: 'I10.x00' },
      { system: chineseMedicine, code: 'BNX080', display: '头痛病' },
    ),
  ],
  [
    'a diagnosis of Chinese medicine, GB/T 15657-2021',
    'its codes look like those of ICD-10, and are not held to its form',
    diagnosed(
      { system: chineseMedicine, version: '2021', code: 'A17.07', display: '眩晕病' },
      { system: chineseMedicine, version: '2021', code: 'B04.02.01.02.01', display: '肝阳上亢证' },
    ),
  ],
  [
    'a diagnosis by the insurance edition of ICD-10',
    'both editions are in use',
    diagnosed({ system: `${base}/CodeSystem/icd-10-insurance`, code: 'I10.x00x002' }),
  ],
  [
    'several diagnoses of which one is text',
    'what cannot be coded is still said',
    (bundle) => {
      const stated = the(bundle, 'ServiceRequest').reasonReference as Element[];
      const resource = {
        resourceType: 'Condition',
        code: { text: '待查:低钾?' },
        subject: the(bundle, 'ServiceRequest').subject,
      } as Resource;
      stated.push({ reference: 'urn:uuid:7a1f8a52-9f0d-4a55-8f0b-3a8a2a1c8888' });
      return {
        ...bundle,
        entry: [
          {
            fullUrl: 'urn:uuid:7a1f8a52-9f0d-4a55-8f0b-3a8a2a1c8888',
            resource,
            request: { method: 'POST', url: 'Condition' },
          },
          ...bundle.entry,
        ],
      };
    },
  ],
  ['a normal blood pressure in kPa', 'it is 128/83 mmHg', observed(kilopascals(17.1, 11.1))],
  ['a glucose of 290 mg/dL', 'it is 16.1 mmol/L, below the limit of 16.7', observed(glucose(290, 'mg/dL'))],
  [
    'a village doctor at night',
    'illness keeps no hours; whether the receiver is open is its reception’s concern',
    all(
      with_('ServiceRequest', { authoredOn: '2026-11-20T02:30:00+08:00' }),
      with_('Encounter', { period: { start: '2026-11-20T02:00:00+08:00' } }),
    ),
    'valid/08-village-to-township',
  ],
  [
    'to the designated hospital of infectious diseases',
    'the reason for passing the lead hospital by is coded',
    to('infectious', bypassing('designated-hospital')),
  ],
  ['to the psychiatric hospital', 'likewise', to('psychiatric', bypassing('designated-hospital'))],
  [
    'to the hospital of mothers and children',
    'likewise',
    to('mother-and-child', bypassing('designated-hospital')),
  ],
  [
    'to a hospital outside of the county',
    'the lead hospital has no capacity, and the referral says so',
    to('linjiang-municipal-hospital', bypassing('lead-no-capacity')),
  ],
  ['a stat referral without consent', 'it may follow', (bundle) => without(bundle, 'Consent'), emergency],
  [
    'an unknown emergency patient, sex and age estimated',
    'identity and consent may follow',
    all(nobody, (bundle) => without(bundle, 'Consent')),
    emergency,
  ],
  ['a referral without a Task', 'the server makes it', withoutTask],
];

const refused: readonly [string, string, Change, string, string?][] = [
  [
    'a newborn under its mother’s number',
    'pat-id-match',
    numbered(residentIds, residentId('1995-02-03', 64), newborn),
    'the number says another date of birth',
  ],
  [
    'an identity number of 15 digits',
    'pat-id-check',
    numbered(residentIds, '629901580314042'),
    'these ended in 2013; the one of 18 follows from it',
  ],
  [
    'a referral written in 2031',
    'sr-authored',
    with_('ServiceRequest', { authoredOn: '2031-01-05T09:00:00+08:00' }),
    'nobody writes in the future',
  ],
  [
    'a referral written in 1999',
    'sr-authored',
    all(
      with_('ServiceRequest', { ...veteran, authoredOn: '1999-01-05T09:00:00+08:00' }),
      with_('Encounter', { period: { start: '1999-01-05T08:00:00+08:00' } }),
      with_('Condition', { onsetDateTime: undefined }),
    ),
    'there was no two-way referral',
  ],
  [
    'a referral a year older than its encounter',
    'sr-encounter',
    all(with_('ServiceRequest', { ...veteran, authoredOn: '2025-11-16T09:40:00+08:00' })),
    'the year is a slip',
  ],
  [
    'a patient who has died',
    'pat-alive',
    with_('Patient', { deceasedBoolean: true }),
    'there is nobody to refer',
  ],
  [
    'a patient who died before the referral was written',
    'pat-alive',
    with_('Patient', { deceasedDateTime: '2026-11-15' }),
    'likewise',
  ],
  [
    'a Task that another organization requests',
    'task-sender',
    with_('Task', { requester: at('Organization', 'hekou-health-centre') }),
    'a doctor signs for the own organization only',
  ],
  [
    'a doctor of another organization who signs',
    'task-sender',
    with_('ServiceRequest', { requester: at('PractitionerRole', 'ma-junjie-hekou') }),
    'likewise',
  ],
  [
    'a Task that begins in progress',
    'task-start',
    all(
      with_('Task', {
        status: 'in-progress',
        businessStatus: concept(`${base}/CodeSystem/referral-business-status`, 'arrived'),
      }),
    ),
    'nobody has answered yet',
  ],
  [
    'a Task that goes elsewhere than the referral',
    'task-receiver',
    with_('ServiceRequest', {
      performer: [at('Organization', 'mother-and-child')],
      performerType: undefined,
    }),
    'two receivers cannot both be meant',
  ],
  [
    'a systolic pressure of 1620',
    'obs-plausible',
    pressure(1620),
    'no clinical rule is asked of what cannot be true',
  ],
  ['a temperature of 365', 'obs-plausible', observed(temperature(365)), 'the decimal point is missing'],
  [
    'a severe blood pressure in kPa, as routine',
    'up-htn-urgent',
    observed(kilopascals(25.3, 14)),
    'it is 190/105 mmHg',
  ],
  [
    'a glucose of 320 mg/dL, as routine',
    'up-dm-crisis',
    observed(glucose(320, 'mg/dL')),
    'it is 17.8 mmol/L',
  ],
  [
    'a hospital of infectious diseases without a reason',
    'up-lead-first',
    to('infectious'),
    'the lead hospital is passed by',
  ],
  ['an inactive receiver', 'rt-parties', to('closed', bypassing('remote-area')), 'nobody is there'],
  [
    'an inactive doctor',
    'sr-signer',
    with_('ServiceRequest', { requester: at('PractitionerRole', 'retired') }),
    'not in office',
  ],
  [
    'a doctor whose time at the place is over',
    'sr-signer',
    with_('ServiceRequest', { requester: at('PractitionerRole', 'rotated') }),
    'support doctors change every three months',
  ],
  [
    'an onset after the submission',
    'sr-onset',
    with_('Condition', { onsetDateTime: '2026-11-18' }),
    'the dates are in the wrong order',
  ],
  [
    'a man’s prostate in a woman',
    'dx-sex',
    all(aWoman, with_('Condition', { code: concept(icd10, 'N40.x00') })),
    'the diagnosis excludes her sex',
  ],
  [
    'a condition of newborns in a woman of 68',
    'dx-age',
    with_('Condition', { code: concept(icd10, 'P59.900') }),
    'the diagnosis excludes her age',
  ],
  [
    'an unknown patient who is no emergency',
    'pat-identity',
    all(nobody, with_('Patient', { gender: 'female' })),
    'there is time to ask',
    routine,
  ],
  [
    'to the own organization',
    'up-lead-first up-tier task-parties',
    all(
      to('qingshi-health-centre'),
      with_('ServiceRequest', { performer: [at('HealthcareService', 'qingshi-other')] }),
    ),
    'through whichever of its services',
  ],
  [
    'down to an organization that lacks what the plan needs',
    'rt-target-scope',
    with_('ServiceRequest', { performerType: concept(`${base}/CodeSystem/medical-specialty`, '03.04') }),
    'it has no cardiologist',
    'valid/09-down-for-rehabilitation',
  ],
];

const organization = (id: string, name: string, type: string, members: Element = {}) => ({
  resourceType: 'Organization',
  id,
  active: true,
  extension: [{ url: `${base}/StructureDefinition/institution-tier`, valueCode: 'county' }],
  identifier: [{ system: `${base}/sid/organization`, value: id }],
  type: [concept(`${base}/CodeSystem/ws-218`, type)],
  name,
  ...members,
});
const role = (id: string, members: Element) => ({
  resourceType: 'PractitionerRole',
  id,
  practitioner: at('Practitioner', 'chen-lixin'),
  organization: at('Organization', 'qingshi-health-centre'),
  ...members,
});

onEachEngine((server) => {
  beforeAll(async () => {
    await server.post('/', example('community')).expect(200);
    for (const resource of [
      organization('infectious', '永安县传染病医院', 'A100'),
      organization('psychiatric', '永安县精神卫生中心', 'A100'),
      organization('mother-and-child', '永安县妇幼保健院', 'A100'),
      organization('closed', '永安县旧院', 'A100', { active: false }),
      role('retired', { active: false }),
      role('veteran', { active: true }),
      role('rotated', { active: true, period: { start: '2026-01-01', end: '2026-03-31' } }),
      {
        resourceType: 'HealthcareService',
        id: 'qingshi-other',
        providedBy: at('Organization', 'qingshi-health-centre'),
      },
    ] as Resource[])
      expect((await server.put(`/${resource.resourceType}/${resource.id}`, resource)).status).toBe(201);
  });

  const changed = (name: string, change: Change) => {
    const bundle = newReferral(name);
    return change(bundle) ?? bundle;
  };
  const send = (bundle: ReferralBundle) => server.post('/', JSON.parse(JSON.stringify(bundle)));
  const idOf = (body: { entry: { response: { location: string } }[] }, type: string) =>
    body.entry
      .map(({ response }) => response.location)
      .find((location) => location.includes(`/${type}/`))!
      .split(`/${type}/`)[1]!
      .split('/')[0]!;
  const keptAbout = async (referral: string) =>
    ((await server.get(`/DetectedIssue?implicated=ServiceRequest/${referral}`)).body.entry ?? []).map(
      ({ resource }: { resource: { code: { coding: { code: string }[] } } }) =>
        resource.code.coding.map(({ code }) => code).join(' '),
    );

  describe('passes', () => {
    test.each(accepted)('%s: %s', async (_, __, change, name = routine) => {
      const { body, status } = await send(changed(name, change));
      expect([status, ...errorsOf(body)]).toEqual([200]);
    });
  });

  describe('does not pass', () => {
    test.each(refused)('%s: %s', async (_, rule, change, __, name = routine) => {
      const { body, status } = await send(changed(name, change));
      expect([status, ...errorsOf(body)]).toEqual([422, ...rule.split(' ')]);
    });

    test('a discharge before the admission: FHIR itself forbids it (per-1)', async () => {
      const period = { start: '2026-11-16T09:00:00+08:00', end: '2026-11-15T09:00:00+08:00' };
      const { body } = await send(changed(routine, with_('Encounter', { period }))).expect(400);
      expect(JSON.stringify(body)).toContain('per-1');
    });

    test('a blood pressure in kPa under LOINC: FHIR’s own profile wants mm[Hg]; national data elements take it', async () => {
      const loinc = (code: string) => concept('http://loinc.org', code);
      const panel = {
        category: temperature(37).category,
        code: loinc('85354-9'),
        component: [
          { code: loinc('8480-6'), valueQuantity: quantity(17, 'kPa') },
          { code: loinc('8462-4'), valueQuantity: quantity(11, 'kPa') },
        ],
      };
      const { body } = await send(changed(routine, observed(panel))).expect(422);
      expect(JSON.stringify(body)).toContain('bp');
    });
  });

  test('an agreement that has ended counts no more: the hospital that led until then is passed by like any other', async () => {
    const { body } = await server.get(
      '/OrganizationAffiliation?participating-organization=Organization/yongan-county-hospital',
    );
    const [{ resource: leading }] = body.entry;
    await server
      .put(`/OrganizationAffiliation/${leading.id}`, {
        ...leading,
        period: { start: '2020-01-01', end: '2026-06-30' },
      })
      .expect(200);
    const { id: _, identifier: __, ...since } = leading;
    await server
      .put('/OrganizationAffiliation/lead-now', {
        ...since,
        id: 'lead-now',
        participatingOrganization: at('Organization', 'mother-and-child'),
        period: { start: '2026-07-01' },
      })
      .expect(201);
    expect(errorsOf((await send(newReferral()).expect(422)).body)).toEqual(['up-lead-first']);
    expect((await send(changed(routine, to('mother-and-child')))).status).toBe(200);
    await server.put(`/OrganizationAffiliation/${leading.id}`, leading).expect(200);
    await server.delete('/OrganizationAffiliation/lead-now').expect(204);
  });

  test('twins are two patients, by a number each', async () => {
    const twins = ['W620000011', 'W620000012'].map((number) =>
      changed(routine, numbered(birthCertificates, number, newborn)),
    );
    const ids = [];
    for (const twin of twins) ids.push(idOf((await send(twin).expect(200)).body, 'Patient'));
    expect(new Set(ids).size).toBe(2);
  });

  test('a newborn under the number of its mother, who is on record, is not taken for her', async () => {
    const mother = newReferral();
    await send(mother).expect(200);
    const child = newReferral();
    numbered(residentIds, numberOf(the(mother, 'Patient')), newborn)(child);
    expect(errorsOf((await send(child).expect(422)).body)).toContain('pat-record');
  });

  test('a patient who comes with another telephone stays the one on record, and the sender is told', async () => {
    const first = newReferral();
    const made = await send(first).expect(200);
    const second = newReferral();
    const { identifier, birthDate, gender } = the(first, 'Patient');
    Object.assign(the(second, 'Patient'), {
      identifier,
      birthDate,
      gender,
      telecom: [{ system: 'phone', value: '13999999999' }],
    });
    entryOf(second, 'Patient').request.ifNoneExist = entryOf(first, 'Patient').request.ifNoneExist!;
    const { body } = await send(second).set('Prefer', 'return=OperationOutcome').expect(200);
    expect(JSON.stringify(body)).toContain('pat-record');
    expect(idOf(body, 'Patient')).toBe(idOf(made.body, 'Patient'));
    const patient = await server.get(`/Patient/${idOf(body, 'Patient')}`);
    expect(JSON.stringify(patient.body)).not.toContain('13999999999');
  });

  test('the same patient twice a day to different departments: two referrals', async () => {
    const morning = newReferral();
    const made = await send(morning).expect(200);
    const again = newReferral();
    const { identifier, birthDate, gender } = the(morning, 'Patient');
    Object.assign(the(again, 'Patient'), { identifier, birthDate, gender });
    entryOf(again, 'Patient').request.ifNoneExist = entryOf(morning, 'Patient').request.ifNoneExist!;
    with_('ServiceRequest', { performerType: concept(`${base}/CodeSystem/medical-specialty`, '03.03') })(
      again,
    );
    const { body } = await send(again).expect(200);
    expect(idOf(body, 'Patient')).toBe(idOf(made.body, 'Patient'));
    expect(idOf(body, 'ServiceRequest')).not.toBe(idOf(made.body, 'ServiceRequest'));
  });

  test('a correction updates the referral; a replay makes nothing; a replay that says something else is a conflict', async () => {
    const sent = newReferral();
    const made = await send(sent).expect(200);
    const id = idOf(made.body, 'ServiceRequest');
    const { body: stored } = await server.get(`/ServiceRequest/${id}`);
    await server.put(`/ServiceRequest/${id}`, { ...stored, patientInstruction: '请空腹' }).expect(200);
    const other = newReferral();
    await send(other).expect(200);
    const { body } = await send(other).expect(200);
    Object.assign(the(other, 'Patient'), { telecom: [{ system: 'phone', value: '13888888888' }] });
    Object.assign(the(other, 'ServiceRequest'), { priority: 'urgent' });
    await send(other).expect(409);
    expect(
      body.entry.every(({ response }: { response: { status: string } }) => response.status.startsWith('200')),
    ).toBe(true);
  });

  test('what is measured in kPa is kept as it was sent', async () => {
    const { body } = await send(changed(routine, observed(kilopascals(17.1, 11.1)))).expect(200);
    const { body: stored } = await server.get(`/Observation/${idOf(body, 'Observation')}`);
    expect(stored.component[0].valueQuantity).toEqual(quantity(17.1, 'kPa'));
  });

  test('what may follow in an emergency is on record as owed, and goes when it has come', async () => {
    const { body } = await send(
      changed(
        emergency,
        all(nobody, (bundle) => without(bundle, 'Consent')),
      ),
    ).expect(200);
    const id = idOf(body, 'ServiceRequest');
    expect(await keptAbout(id)).toEqual(expect.arrayContaining(['pat-identity owed', 'doc-consent owed']));
    const owed = await server.get(
      `/DetectedIssue?implicated=ServiceRequest/${id}&code=${base}/CodeSystem/rule-consequence|owed`,
    );
    expect(owed.body.entry).toHaveLength(2);

    const patient = idOf(body, 'Patient');
    const { body: unknown } = await server.get(`/Patient/${patient}`);
    const found = {
      identifier: [{ system: residentIds, value: residentId('1969-07-01', 77) }],
      birthDate: '1969-07-01',
    };
    await server.put(`/Patient/${patient}`, { ...unknown, ...found }).expect(200);
    expect(await keptAbout(id)).not.toContain('pat-identity owed');
  });

  test('a referral without a Task has one, from its sender to its receiver', async () => {
    const { body } = await send(changed(routine, withoutTask)).expect(200);
    const { body: found } = await server.get(`/Task?focus=ServiceRequest/${idOf(body, 'ServiceRequest')}`);
    expect(found.entry).toHaveLength(1);
    expect(found.entry[0].resource).toMatchObject({
      status: 'requested',
      requester: at('Organization', 'qingshi-health-centre'),
      owner: at('Organization', 'yongan-county-hospital'),
      for: at('Patient', idOf(body, 'Patient')),
    });
    const { body: valid } = await server.post('/Task/$validate', found.entry[0].resource).expect(200);
    expect(errorsOf(valid)).toEqual([]);
  });

  test('a Task that its sender sends later takes the place of the server’s', async () => {
    const bundle = newReferral();
    const { Task, ...others } = { Task: the(bundle, 'Task'), bundle };
    const { body } = await send(without(others.bundle, 'Task')).expect(200);
    const focus = at('ServiceRequest', idOf(body, 'ServiceRequest'));
    const { body: made } = await server
      .post('/Task', { ...Task, focus, for: at('Patient', idOf(body, 'Patient')) })
      .expect(201);
    const { body: found } = await server.get(`/Task?focus=${focus.reference}`);
    expect(found.entry.map(({ resource }: { resource: { id: string } }) => resource.id)).toEqual([made.id]);
  });

  test('an impossible value outside of a referral is kept, with a warning', async () => {
    const { body } = await server
      .post('/Observation', {
        resourceType: 'Observation',
        status: 'final',
        ...temperature(365),
        subject: { display: '某人' },
        effectiveDateTime: '2026-11-20',
      })
      .set('Prefer', 'return=OperationOutcome')
      .expect(201);
    expect(JSON.stringify(body)).toContain('obs-plausible');
  });
});

describe('while history is imported (IMPORT_HISTORY)', () => {
  onEachEngine(
    (server) => {
      test('a referral of the past comes with its Task as it ended, of a patient who has died since', async () => {
        await server.post('/', example('community')).expect(200);
        const bundle = newReferral();
        Object.assign(the(bundle, 'Patient'), { deceasedBoolean: true });
        Object.assign(the(bundle, 'Task'), {
          status: 'cancelled',
          businessStatus: undefined,
          statusReason: { text: '患者未到' },
        });
        const { body, status } = await server.post('/', JSON.parse(JSON.stringify(bundle)));
        expect([status, ...errorsOf(body)]).toEqual([200]);
      });
    },
    { IMPORT_HISTORY: 'true' },
  );
});
