import { base, coded, codes, type Made, named, profile, time } from './elements.ts';
import { departments, type Institution, liaisons } from './institutions.ts';
import type { MadeReferral } from './made-referral.ts';

const day = 86_400_000;

/** The Task of a referral, with the steps that it has taken. */
export function taskOf(
  referral: MadeReferral,
  on: { id: string; from: object; to: object; subject: object; request: object; outputs: readonly object[] },
): Made {
  const { written, priority, life, sender, receiver, disease, inpatient } = referral;
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
    'on-hold': '等待患者准备',
  };
  const isRejected = status === 'rejected';
  const inputs = inputsOf(referral);
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
    ...(inputs.length > 0 && { input: inputs }),
    ...(on.outputs.length > 0 && { output: on.outputs }),
    ...(inpatient && { note: [{ text: '住院' }] }),
  };
}

/** What the sender has told in words, and when the patient departed, with whom. */
function inputsOf({ life: { taken }, priority, sender }: MadeReferral): object[] {
  const input = (code: string, value: object) => ({ type: coded(codes('task-input-type'), code), ...value });
  return taken.flatMap(({ step, time: at }) => {
    switch (step) {
      case 'request-info':
        return [input('records-request', { valueString: '请补充近期检查结果和用药情况。' })];
      case 'supply-info':
        return [input('extra-info', { valueString: '检查结果和用药情况已补充,见病历。' })];
      case 'depart': {
        const { id, name } = sender.doctor;
        const escort = input('escort', { valueReference: named('PractitionerRole', id, name) });
        return [input('departure', { valueDateTime: time(at) }), ...(priority === 'stat' ? [escort] : [])];
      }
      default:
        return [];
    }
  });
}

function generalPracticeOf({ id }: Institution): string {
  return id.replace(/-(?:health-centre|clinic)$/, '-general-practice');
}
