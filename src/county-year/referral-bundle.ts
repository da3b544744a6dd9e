import { departments, type Institution, liaisons } from './institutions.ts';
import type { Life } from './life.ts';
import type { Person } from './people.ts';
import type { Disease } from './plan.ts';
import type { Random } from './random.ts';

const base = 'https://w3id.org/zhuanzhen';
const codes = (name: string) => `${base}/CodeSystem/${name}`;
const profile = (name: string) => `${base}/StructureDefinition/${name}`;
const terminology = (name: string) => `http://terminology.hl7.org/CodeSystem/${name}`;
const ucum = 'http://unitsofmeasure.org';
const day = 86_400_000;

/** A referral that is made up, with what has become of it. */
export interface MadeReferral {
  number: number;
  seed: number;
  written: number;
  direction: 'up' | 'down';
  priority: string;
  disease: Disease;
  person: Person;
  sender: Institution;
  receiver: Institution;
  inpatient: boolean;
  life: Life;
  /** Where the receiver has sent it on to, and what became of it there. */
  onward?: { receiver: Institution; life: Life } | undefined;
  random: Random;
}

type Made = { resourceType: string; [member: string]: unknown };

const coded = (system: string, code: string, display?: string) => ({
  coding: [{ system, code, ...(display !== undefined && { display }) }],
});
const time = (instant: number) => `${new Date(instant + 8 * 3_600_000).toISOString().slice(0, 19)}+08:00`;
const named = (type: string, id: string, display: string) => ({ reference: `${type}/${id}`, display });

/**
 * The transaction of a referral: its resources under ids of their own, by PUT, so that sending it again changes nothing.
 * It holds the same papers as a vendor sends, and of a referral that is over what the receiver has told.
 */
export function transactionOf(referral: MadeReferral): object {
  const id = `y${referral.seed}-${referral.number}`;
  const resources = new Map<string, Made>();
  const put = (part: string, resource: Made) => {
    resources.set(`${id}-${part}`, resource);
    return { reference: `${resource.resourceType}/${id}-${part}` };
  };
  const { sender, receiver, person, written, direction, disease, onward } = referral;
  const { life } = onward ?? referral;
  const there = onward?.receiver ?? receiver;
  const from = named('Organization', sender.id, sender.name);
  const to = named('Organization', receiver.id, receiver.name);
  const provider = named('Organization', there.id, there.name);
  const subject = { ...put('patient', patientOf(person, id)), display: person.name.text };
  const encounter = put(
    'visit',
    encounterOf({
      id: `${id}-1`,
      subject,
      provider: from,
      start: written - 40 * 60_000,
      end: written,
      kind: direction === 'down' ? 'IMP' : 'AMB',
      state: 'finished',
    }),
  );
  const condition = put('diagnosis', conditionOf(disease, subject, encounter, written, direction));
  const pressure = put('pressure', pressureOf(subject, encounter, written, referral.random));
  const papers = [pressure, put('consent', consentOf(subject, from, written))];
  if (direction === 'down') {
    papers.push(put('plan', planOf(subject, encounter, condition, disease, written)));
    papers.push(put('medicine', medicineOf(subject, encounter, written)));
  }
  const state = life.state;
  const request = put('referral', {
    resourceType: 'ServiceRequest',
    meta: { profile: [profile(direction === 'up' ? 'up-referral' : 'down-referral')] },
    ...(referral.priority === 'stat' && {
      extension: [{ url: profile('green-channel'), valueBoolean: true }],
    }),
    identifier: [numberOf(id, from)],
    ...(direction === 'down' && {
      basedOn: [
        { type: 'ServiceRequest', identifier: { system: `${base}/sid/referral-number`, value: `UP-${id}` } },
      ],
    }),
    status: statusOf(state),
    intent: 'order',
    category: [
      coded(codes('referral-direction'), direction, direction === 'up' ? '上转' : '下转'),
      coded(
        codes('referral-service'),
        referral.priority === 'stat' ? 'emergency' : referral.inpatient ? 'inpatient' : 'outpatient',
      ),
    ],
    priority: referral.priority,
    code: { ...coded('http://snomed.info/sct', '3457005', 'Patient referral'), text: '转诊' },
    subject,
    encounter,
    authoredOn: time(written),
    requester: named('PractitionerRole', sender.doctor.id, sender.doctor.name),
    performer: [to],
    reasonCode: [indicationOf(referral)],
    reasonReference: [condition],
    supportingInfo: papers,
    note: [{ text: '既往史无特殊。' }],
    patientInstruction: '请携带本转诊单、身份证、医保卡及检查资料到接收机构报到。',
  });
  const outputs: object[] = [];
  const output = (code: string, reference: object) =>
    outputs.push({ type: coded(codes('output-type'), code), valueReference: reference });
  if (life.arrived !== undefined) {
    const episode = put('episode', {
      ...encounterOf({
        id: `${id}-2`,
        subject,
        provider,
        start: life.arrived,
        end: life.left,
        kind: referral.inpatient ? 'IMP' : 'AMB',
        state: life.left === undefined ? 'in-progress' : 'finished',
      }),
      basedOn: [request],
      diagnosis: [{ condition }],
    });
    output('encounter', episode);
    if (state.startsWith('completed')) {
      if (direction === 'down') output('follow-up', { display: '已建档并随访' });
      else
        output(
          'referral-feedback',
          put(
            'feedback',
            feedbackOf({ subject, episode, to: provider, disease, at: life.left ?? life.arrived, id }),
          ),
        );
    }
  }
  const shared = { id, from, subject, request };
  const first = put('task', taskOf(referral, { ...shared, to, outputs: onward ? [] : outputs }));
  if (onward)
    put('onward', {
      ...taskOf({ ...referral, ...onward }, { ...shared, to: provider, outputs }),
      partOf: [first],
      identifier: [{ system: `${base}/sid/referral-task`, value: `${id}-onward` }],
    });
  return {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: [...resources].map(([key, resource]) => ({
      fullUrl: `${base}/made/${resource.resourceType}/${key}`,
      resource: { ...resource, id: key },
      request: { method: 'PUT', url: `${resource.resourceType}/${key}` },
    })),
  };
}

function patientOf(person: Person, id: string): Made {
  return {
    resourceType: 'Patient',
    meta: { profile: [profile('patient')] },
    identifier: [
      { use: 'official', system: 'urn:oid:2.16.156.10011.1.3', value: person.residentId },
      { system: 'urn:oid:2.16.156.10011.1.2', value: `DA-${id}` },
    ],
    name: [{ use: 'official', ...person.name }],
    telecom: [{ system: 'phone', value: person.phone, use: 'mobile' }],
    gender: person.gender,
    birthDate: person.birthDate,
    address: [{ use: 'home', text: '永安县' }],
  };
}

interface Visit {
  id: string;
  subject: object;
  provider: object;
  start: number;
  end: number | undefined;
  kind: 'AMB' | 'IMP';
  state: string;
}

function encounterOf({ id, subject, provider, start, end, kind, state }: Visit): Made {
  return {
    resourceType: 'Encounter',
    identifier: [{ system: `urn:oid:2.16.156.10011.1.${kind === 'IMP' ? '12' : '11'}`, value: id }],
    status: state,
    class: {
      system: terminology('v3-ActCode'),
      code: kind,
      display: kind === 'IMP' ? 'inpatient encounter' : 'ambulatory',
    },
    subject,
    period: { start: time(start), ...(end !== undefined && { end: time(end) }) },
    serviceProvider: provider,
  };
}

function conditionOf(
  disease: Disease,
  subject: object,
  encounter: object,
  written: number,
  direction: string,
): Made {
  return {
    resourceType: 'Condition',
    clinicalStatus: coded(terminology('condition-clinical'), 'active'),
    verificationStatus: coded(
      terminology('condition-ver-status'),
      direction === 'down' ? 'confirmed' : 'provisional',
    ),
    code: {
      coding: [{ system: 'urn:oid:2.16.156.10011.2.3.3.11.3', code: disease.code, display: disease.name }],
      text: disease.name,
    },
    subject,
    encounter,
    onsetDateTime: time(written - 5 * day).slice(0, 10),
    recordedDate: time(written - 30 * 60_000),
  };
}

function pressureOf(subject: object, encounter: object, written: number, random: Random): Made {
  const part = (code: string, display: string, value: number) => ({
    code: { coding: [{ system: 'http://loinc.org', code, display }] },
    valueQuantity: { value, unit: 'mmHg', system: ucum, code: 'mm[Hg]' },
  });
  const diastolic = random.between(62, 92);
  return {
    resourceType: 'Observation',
    status: 'final',
    category: [coded(terminology('observation-category'), 'vital-signs')],
    code: {
      ...coded('http://loinc.org', '85354-9', 'Blood pressure panel with all children optional'),
      text: '血压',
    },
    subject,
    encounter,
    effectiveDateTime: time(written - 20 * 60_000),
    component: [
      part('8480-6', 'Systolic blood pressure', diastolic + random.between(34, 56)),
      part('8462-4', 'Diastolic blood pressure', diastolic),
    ],
  };
}

function consentOf(patient: object, organization: object, written: number): Made {
  return {
    resourceType: 'Consent',
    status: 'active',
    scope: coded(terminology('consentscope'), 'patient-privacy'),
    category: [coded(codes('consent-category'), 'referral-consent', '转诊知情同意书')],
    patient,
    dateTime: time(written - 10 * 60_000),
    performer: [patient],
    organization: [organization],
    sourceAttachment: {
      contentType: 'application/pdf',
      language: 'zh-CN',
      title: '转诊知情同意书(患者已签字)',
    },
    policyRule: { ...coded(terminology('v3-ActCode'), 'OPTIN', 'opt-in'), text: '县域医共体双向转诊制度' },
  };
}

function planOf(
  subject: object,
  encounter: object,
  condition: object,
  { name }: Disease,
  written: number,
): Made {
  return {
    resourceType: 'CarePlan',
    status: 'active',
    intent: 'plan',
    title: `${name}后续治疗与随访计划`,
    description: '基层继续治疗,家庭医生随访。',
    subject,
    encounter,
    period: { start: time(written).slice(0, 10) },
    created: time(written - 15 * 60_000),
    addresses: [condition],
    activity: [{ detail: { status: 'scheduled', description: '家庭医生两周内随访' } }],
  };
}

function medicineOf(subject: object, encounter: object, written: number): Made {
  return {
    resourceType: 'MedicationRequest',
    status: 'active',
    intent: 'order',
    medicationCodeableConcept: {
      ...coded('http://www.whocc.no/atc', 'B01AC06'),
      text: '阿司匹林肠溶片 100mg',
    },
    subject,
    encounter,
    authoredOn: time(written - 15 * 60_000),
    dosageInstruction: [{ text: '一次100mg,每日1次,口服' }],
  };
}

function indicationOf({ direction, priority, disease }: MadeReferral): object {
  if (direction === 'down') {
    const isRehabilitation = disease.code.startsWith('I63') || disease.code.startsWith('S72');
    const code = isRehabilitation ? 'dn-rehab' : 'dn-stable-after-acute';
    return {
      ...coded(codes('referral-indication'), code),
      text: `${disease.name},病情稳定,转回基层继续治疗。`,
    };
  }
  return {
    ...coded(codes('referral-indication'), priority === 'stat' ? 'up-emergency' : 'up-complex'),
    text: disease.reason,
  };
}

function feedbackOf(told: {
  subject: object;
  episode: object;
  to: object;
  disease: Disease;
  at: number;
  id: string;
}): Made {
  const section = (code: string, title: string, text: string) => ({
    title,
    code: coded(codes('form-section'), code),
    text: { status: 'additional', div: `<div xmlns="http://www.w3.org/1999/xhtml">${text}</div>` },
  });
  return {
    resourceType: 'Composition',
    identifier: { system: `${base}/sid/record-number`, value: `CY-${told.id}` },
    status: 'final',
    type: { ...coded('http://loinc.org', '18842-5', 'Discharge summary'), text: '出院小结' },
    title: '出院小结',
    date: time(told.at),
    subject: told.subject,
    encounter: told.episode,
    author: [told.to],
    section: [
      section('final-diagnosis', '诊断结果', told.disease.name),
      section('key-results', '主要检查结果', '血常规、生化及影像检查已完成,结果附后。'),
      section('treatment-course', '治疗经过', '入院后完善检查,给予相应治疗,病情好转。'),
      section('next-plan', '下一步治疗方案及康复建议', '继续口服药物,两周后基层复诊,家庭医生随访。'),
    ],
  };
}

function taskOf(
  { written, priority, life, sender, receiver, disease, inpatient }: MadeReferral,
  on: { id: string; from: object; to: object; subject: object; request: object; outputs: readonly object[] },
): Made {
  const [status, businessStatus] = life.state.split(':') as [string, string | undefined];
  const accepted = life.taken.find(({ step }) => step.startsWith('accept'));
  const own = departments[receiver.id] ?? [];
  const department = own.find(({ specialty }) => specialty === disease.specialty) ?? own[0];
  const liaison = liaisons[receiver.id] ?? receiver.doctor;
  const last = life.taken.at(-1)!;
  // What was sent on was written when the first receiver let go of it.
  const begun = life.taken[0]!.step === 'send-on' ? life.taken[0]!.time : written;
  const end = accepted && accepted.time + (priority === 'routine' ? 7 : 2) * day;
  const reasons: Readonly<Record<string, string>> = {
    rejected: '接收机构退回',
    cancelled: '撤销或改派',
    failed: '未到诊、死亡或自动离院',
  };
  const isRejected = status === 'rejected';
  return {
    resourceType: 'Task',
    meta: { profile: [profile('referral-task')] },
    extension: [
      ...(accepted
        ? [
            {
              url: profile('receiving-department'),
              valueReference: department
                ? named('HealthcareService', department.id, department.name)
                : named('HealthcareService', generalPracticeOf(receiver), '全科'),
            },
            { url: profile('liaison'), valueReference: named('PractitionerRole', liaison.id, liaison.name) },
          ]
        : []),
      ...life.taken.map(({ step, time: at, due }) => ({
        url: profile('step-taken'),
        extension: [
          { url: 'step', valueCode: step },
          { url: 'time', valueDateTime: new Date(at).toISOString() },
          ...(due === undefined ? [] : [{ url: 'due', valueDateTime: new Date(due).toISOString() }]),
        ],
      })),
    ],
    identifier: [{ use: 'official', system: `${base}/sid/referral-number`, value: on.id }],
    groupIdentifier: { system: `${base}/sid/referral-chain`, value: on.id },
    status,
    ...(reasons[status] && {
      statusReason: {
        ...(isRejected && coded(codes('reject-reason'), businessStatus!)),
        text: reasons[status],
      },
    }),
    ...(businessStatus !== undefined && {
      businessStatus: coded(codes('referral-business-status'), businessStatus),
    }),
    intent: 'order',
    priority,
    code: coded('http://hl7.org/fhir/CodeSystem/task-code', 'fulfill', 'Fulfill the focal request'),
    description: `${disease.name}转诊`,
    focus: on.request,
    for: on.subject,
    authoredOn: time(begun),
    lastModified: time(last.time),
    requester: named('Organization', sender.id, sender.name),
    owner: named('Organization', receiver.id, receiver.name),
    ...(end !== undefined && { restriction: { period: { start: time(begun), end: time(end) } } }),
    ...(life.arrived !== undefined && {
      executionPeriod: {
        start: time(life.arrived),
        ...(life.left !== undefined && { end: time(life.left) }),
      },
    }),
    ...(on.outputs.length > 0 && { output: on.outputs }),
    ...(inpatient && { note: [{ text: '住院' }] }),
  };
}

function generalPracticeOf({ id }: Institution): string {
  return id.replace(/-(?:health-centre|clinic)$/, '-general-practice');
}

function numberOf(id: string, assigner: object): object {
  return {
    use: 'official',
    type: coded(terminology('v2-0203'), 'PLAC', 'Placer Identifier'),
    system: `${base}/sid/referral-number`,
    value: id,
    assigner,
  };
}

/** What a referral's status is in a state of its Task. */
function statusOf(state: string): string {
  const [status] = state.split(':');
  if (status === 'completed' || state === 'failed:died' || state === 'failed:left-ama') return 'completed';
  if (status === 'rejected' || status === 'on-hold') return 'on-hold';
  if (status === 'entered-in-error') return 'entered-in-error';
  return state === 'failed:no-show' || (status === 'cancelled' && state !== 'cancelled:superseded')
    ? 'revoked'
    : 'active';
}
