import { base, coded, codes, type Made, named, profile, terminology, time } from './elements.ts';
import type { MadeReferral } from './made-referral.ts';
import {
  appointmentOf,
  conditionOf,
  consentOf,
  encounterOf,
  feedbackOf,
  medicineOf,
  patientOf,
  planOf,
  pressureOf,
} from './papers.ts';
import { taskOf } from './task.ts';

/**
 * The transaction of a referral: its resources under ids of their own, by PUT, so that sending it again changes nothing.
 * It holds the same papers as a vendor sends, and of a referral that is over what the receiver has told.
 */
export function transactionOf(referral: MadeReferral): object {
  const resources = new Map<string, Made>();
  addReferral(referral, `y${referral.seed}-${referral.number}`, resources);
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

/** What is there already of a patient who returns. */
interface Before {
  subject: { reference: string; display: string };
  request: { reference: string };
}

/** Adds the resources of a referral, and of the one by which the patient returned; gives the reference to it. */
function addReferral(
  referral: MadeReferral,
  id: string,
  resources: Map<string, Made>,
  before?: Before,
): { reference: string } {
  const put = (part: string, resource: Made) => {
    resources.set(`${id}-${part}`, resource);
    return { reference: `${resource.resourceType}/${id}-${part}` };
  };
  const { sender, receiver, person, written, direction, disease, onward, back } = referral;
  const { life } = onward ?? referral;
  const there = onward?.receiver ?? receiver;
  const from = named('Organization', sender.id, sender.name);
  const to = named('Organization', receiver.id, receiver.name);
  const provider = named('Organization', there.id, there.name);
  const subject = before?.subject ?? {
    ...put('patient', patientOf(person, id)),
    display: person.name.text,
  };
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
        before?.request ?? {
          type: 'ServiceRequest',
          identifier: { system: `${base}/sid/referral-number`, value: `UP-${id}` },
        },
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
  if (life.appointment !== undefined)
    output(
      'appointment',
      put('appointment', appointmentOf(referral, { subject, request, to: provider, at: life.appointment })),
    );
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
  if (back) output('down-referral', addReferral(back, `${id}-back`, resources, { subject, request }));
  const shared = { id, from, subject, request };
  const first = put('task', taskOf(referral, { ...shared, to, outputs: onward ? [] : outputs }));
  if (onward)
    put('onward', {
      ...taskOf({ ...referral, ...onward }, { ...shared, to: provider, outputs }),
      partOf: [first],
      identifier: [{ system: `${base}/sid/referral-task`, value: `${id}-onward` }],
    });
  return request;
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
