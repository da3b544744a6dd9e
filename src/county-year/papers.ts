import { base, coded, codes, type Made, profile, terminology, time } from './elements.ts';
import type { MadeReferral } from './made-referral.ts';
import type { Person } from './people.ts';
import type { Disease } from './plan.ts';
import type { Random } from './random.ts';

const ucum = 'http://unitsofmeasure.org';
const day = 86_400_000;

/** The patient, under the numbers of a resident and of a health record. */
export function patientOf(person: Person, id: string): Made {
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

/** A visit or a stay. */
export function encounterOf({ id, subject, provider, start, end, kind, state }: Visit): Made {
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

/** The appointment that the receiver has made. */
export function appointmentOf(
  { disease, life }: MadeReferral,
  on: { subject: object; request: object; to: object; at: number },
): Made {
  const status =
    life.arrived !== undefined ? 'fulfilled' : life.state === 'failed:no-show' ? 'noshow' : 'booked';
  return {
    resourceType: 'Appointment',
    status: /^(?:cancelled|entered)/.test(life.state) ? 'cancelled' : status,
    description: `${disease.name}门诊`,
    start: time(on.at),
    end: time(on.at + 15 * 60_000),
    basedOn: [on.request],
    participant: [
      { actor: on.subject, status: 'accepted' },
      { actor: on.to, status: 'accepted' },
    ],
  };
}

/** What the patient is referred for. */
export function conditionOf(
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

/** A blood pressure that was taken at the visit. */
export function pressureOf(subject: object, encounter: object, written: number, random: Random): Made {
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

/** That the patient agrees to be referred. */
export function consentOf(patient: object, organization: object, written: number): Made {
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

/** What follows where the patient goes down to. */
export function planOf(
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

/** What the patient takes on. */
export function medicineOf(subject: object, encounter: object, written: number): Made {
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

/** What the receiver tells when the episode is over. */
export function feedbackOf(told: {
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
