import type { Resource } from '../../../src/fhir/resource.ts';
import { receiverOf, type Sender } from './community.ts';
import { person } from './numbers.ts';

const base = 'https://w3id.org/zhuanzhen';

/** The system of resident ids, and that of the numbers which the senders give their referrals. */
export const residentIds = 'urn:oid:2.16.156.10011.1.3';
export const referralNumbers = 'urn:oid:2.16.156.10011.1.24';

/** The six resources of a whole referral: an emergency, for which nobody waits for a written consent. */
export const parts = ['Patient', 'Encounter', 'Condition', 'Observation', 'ServiceRequest', 'Task'] as const;
export type Part = (typeof parts)[number];
/** What the load writes of one patient, who has two referrals. */
export const partsLoaded: readonly Part[] = [...parts, ...parts.filter((part) => part !== 'Patient')];

/** A referral of the invented population. */
export interface Case {
  /** The number of the patient. */
  patient: number;
  /** The sender's number of the referral. */
  number: string;
  sender: Sender;
  /** How each part is referred to by the others. */
  names: Record<Part, string>;
  authored: Date;
}

/** A suspected stroke with its papers, as a village doctor or a township health centre sends it: no rule objects. */
export function referralOf({ patient, number, sender, names, authored }: Case): Record<Part, Resource> {
  const { residentId, birthDate, gender } = person(patient);
  const subject = { reference: names.Patient, display: '马建国' };
  const from = { reference: `Organization/${sender}` };
  const to = { reference: `Organization/${receiverOf[sender]}` };
  const at = (minutes: number) => new Date(authored.getTime() + minutes * 60_000).toISOString();
  const identifier = {
    type: {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'PLAC' }],
      text: '转诊单号',
    },
    system: referralNumbers,
    value: number,
  };
  return {
    Patient: {
      resourceType: 'Patient',
      meta: { profile: [`${base}/StructureDefinition/patient`] },
      identifier: [
        {
          use: 'official',
          type: {
            coding: [{ system: `${base}/CodeSystem/identifier-type`, code: 'CIN' }],
            text: '居民身份证',
          },
          system: residentIds,
          value: residentId,
        },
      ],
      active: true,
      name: [{ use: 'official', text: '马建国', family: '马', given: ['建国'] }],
      telecom: [{ system: 'phone', value: '13993012345', use: 'mobile' }],
      gender,
      birthDate,
      address: [
        {
          use: 'home',
          text: '甘肃省临夏州积石山县大河家镇大河村二社18号',
          state: '甘肃省',
          city: '临夏州',
          district: '积石山县',
        },
      ],
      managingOrganization: from,
    },
    Encounter: {
      resourceType: 'Encounter',
      status: 'finished',
      class: {
        system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode',
        code: 'EMER',
        display: 'emergency',
      },
      subject,
      period: { start: at(-30), end: at(0) },
      serviceProvider: from,
    },
    Condition: {
      resourceType: 'Condition',
      clinicalStatus: coded('http://terminology.hl7.org/CodeSystem/condition-clinical', 'active'),
      verificationStatus: coded('http://terminology.hl7.org/CodeSystem/condition-ver-status', 'provisional'),
      code: {
        coding: [{ system: 'urn:oid:2.16.156.10011.2.3.3.11.3', code: 'I63.900', display: '脑梗死' }],
        text: '脑梗死(急性期)',
      },
      subject,
      encounter: { reference: names.Encounter },
      onsetDateTime: at(-90),
      recordedDate: at(-5),
    },
    Observation: {
      resourceType: 'Observation',
      status: 'final',
      category: [coded('http://terminology.hl7.org/CodeSystem/observation-category', 'vital-signs')],
      code: { coding: [{ system: 'http://loinc.org', code: '85354-9' }], text: '血压' },
      subject,
      encounter: { reference: names.Encounter },
      effectiveDateTime: at(-20),
      component: [pressure('8480-6', '收缩压', 168), pressure('8462-4', '舒张压', 96)],
    },
    ServiceRequest: {
      resourceType: 'ServiceRequest',
      meta: { profile: [`${base}/StructureDefinition/up-referral`] },
      extension: [{ url: `${base}/StructureDefinition/green-channel`, valueBoolean: true }],
      identifier: [identifier],
      status: 'active',
      intent: 'order',
      category: [
        coded(`${base}/CodeSystem/referral-direction`, 'up'),
        coded(`${base}/CodeSystem/referral-service`, 'emergency'),
      ],
      priority: 'stat',
      code: { text: '上转:疑似急性脑卒中,请求溶栓评估' },
      subject,
      encounter: { reference: names.Encounter },
      authoredOn: at(0),
      requester: { reference: `PractitionerRole/${sender}-doctor`, display: '马德明' },
      performer: [to],
      reasonCode: [coded(`${base}/CodeSystem/referral-indication`, 'up-stroke')],
      reasonReference: [{ reference: names.Condition }],
      supportingInfo: [{ reference: names.Observation }],
      note: [{ text: '今日突发右侧肢体无力、言语不清约 90 分钟,无抽搐,既往高血压病 10 年。' }],
      patientInstruction: '途中平卧,头偏向一侧,暂禁食水,携带身份证与医保卡。',
    },
    Task: {
      resourceType: 'Task',
      meta: { profile: [`${base}/StructureDefinition/referral-task`] },
      identifier: [{ system: referralNumbers, value: `${number}-T` }],
      status: 'requested',
      businessStatus: coded(`${base}/CodeSystem/referral-business-status`, 'submitted'),
      intent: 'order',
      priority: 'stat',
      code: coded('http://hl7.org/fhir/CodeSystem/task-code', 'fulfill'),
      focus: { reference: names.ServiceRequest },
      for: subject,
      authoredOn: at(0),
      requester: from,
      owner: to,
    },
  };
}

function coded(system: string, code: string) {
  return { coding: [{ system, code }] };
}

function pressure(code: string, text: string, value: number) {
  return {
    code: { coding: [{ system: 'http://loinc.org', code }], text },
    valueQuantity: { value, unit: 'mmHg', system: 'http://unitsofmeasure.org', code: 'mm[Hg]' },
  };
}
