import type { Element } from '../../../fhir/resource.ts';
import { codeSystems, extensions, profiles } from '../../vocabulary.ts';
import { numberSystems } from '../vocabulary.ts';
import { codingIn, codingsIn, concept, isYes, type Part, type PartContext, present, textIn } from './part.ts';

const canonical = 'https://w3id.org/zhuanzhen/StructureDefinition';

const fields = [
  'referral-number',
  'direction',
  'priority',
  'service',
  'indication',
  'reason',
  'bypass-reason',
  'special-circumstance',
  'green-channel',
  'sender-code',
  'sender-name',
  'sender-phone',
  'doctor-number',
  'doctor-name',
  'receiver-code',
  'receiver-name',
  'department-code',
  'department-name',
  'receiving-doctor',
  'authored',
  'referral-date',
  'original-number',
  'event-number',
  'instruction',
  'present-illness',
  'consent',
];

/** What is said of the referral in words where there is no section for it. */
const noted = { 'sender-phone': '转诊联系电话', 'receiving-doctor': '接诊医生' } as const;

/** The direction: as the row says, else as all of its indications have it. */
export function directionIn({ row }: Pick<PartContext, 'row'>): string | undefined {
  const stated = codingIn(row, 'direction')?.code;
  if (stated !== undefined) return stated;
  const kinds = new Set(codingsIn(row, 'indication').map(({ code }) => String(code).split('-')[0]));
  return kinds.size === 1 ? ({ up: 'up', dn: 'down' } as const)[[...kinds][0] as 'up'] : undefined;
}

/** The referral, with the other parts as its reasons and evidence. `remarks` are texts that have no other place. */
export function referralPart(context: PartContext, parts: readonly Part[], remarks: readonly string[]): Part {
  const { row, number, authored, parties, refer } = context;
  const direction = directionIn(context);
  const service = codingIn(row, 'service');
  const keysOf = (...beginnings: string[]) =>
    parts
      .filter(({ key }) => beginnings.some((beginning) => key.startsWith(beginning)))
      .map(({ key }) => refer(key));
  const evidence = parts
    .filter(({ resource: { resourceType } }) => supporting.has(resourceType))
    .filter(({ key }) => !key.startsWith('diagnosis-'))
    .map(({ key }) => refer(key));
  const insurance = keysOf('coverage');
  const note = [
    ...Object.entries(noted).flatMap(([field, label]) => {
      const text = textIn(row, field);
      return text === undefined ? [] : [`${label}:${text}`];
    }),
    ...remarks,
  ];
  const extension = extensionsOf(context);
  const occurrence = textIn(row, 'referral-date');
  const original = textIn(row, 'original-number');
  const event = textIn(row, 'event-number');
  const instruction = textIn(row, 'instruction');
  return {
    key: 'referral',
    fields: present(row, fields),
    condition: `identifier=${numberSystems.referral}|${number}`,
    resource: {
      resourceType: 'ServiceRequest',
      meta: {
        profile: [
          direction === 'up'
            ? profiles.upReferral
            : direction === 'down'
              ? profiles.downReferral
              : profiles.referral,
        ],
      },
      ...(extension.length > 0 && { extension }),
      identifier: [
        {
          use: 'official',
          type: concept(codeSystems.identifierType, 'PLAC', 'Placer Identifier'),
          system: numberSystems.referral,
          value: number,
          ...(parties.sender && { assigner: parties.sender }),
        },
        ...(event ? [{ system: numberSystems.event, value: event }] : []),
      ],
      ...(original && {
        basedOn: [
          { type: 'ServiceRequest', identifier: { system: numberSystems.referral, value: original } },
        ],
      }),
      status: 'active',
      intent: 'order',
      category: [
        ...(direction ? [concept(codeSystems.direction, direction, directionNames[direction])] : []),
        ...(service ? [{ coding: [service] }] : []),
      ],
      priority: codingIn(row, 'priority')?.code ?? 'routine',
      code: concept('http://snomed.info/sct', '3457005', 'Patient referral', '转诊'),
      subject: refer('patient'),
      ...(parts.some(({ key }) => key === 'encounter') && { encounter: refer('encounter') }),
      ...(occurrence && { occurrenceDateTime: occurrence }),
      authoredOn: authored,
      requester: parties.doctor,
      ...(parties.specialty && { performerType: parties.specialty }),
      performer: [parties.receiver],
      reasonCode: reasonsOf(context),
      reasonReference: keysOf('diagnosis-'),
      ...(insurance.length > 0 && { insurance }),
      ...(evidence.length > 0 && { supportingInfo: evidence }),
      ...(note.length > 0 && { note: note.map((text) => ({ text })) }),
      ...(instruction && { patientInstruction: instruction }),
    },
  };
}

const directionNames: Readonly<Record<string, string>> = { up: '上转', down: '下转', lateral: '平转' };

const supporting = new Set([
  'Condition',
  'Observation',
  'MedicationRequest',
  'CarePlan',
  'Composition',
  'DocumentReference',
]);

/** The indications, of which the first has the reason in words. */
function reasonsOf({ row }: PartContext): Element[] {
  const text = textIn(row, 'reason') ?? textIn(row, 'present-illness');
  const indications = codingsIn(row, 'indication').map((coding): Element => ({ coding: [coding] }));
  const [first = {}, ...others] = indications;
  return [{ ...first, ...(text && { text }) }, ...others];
}

function extensionsOf({ row }: PartContext): Element[] {
  const coded = (field: string, url: string) => {
    const valueCoding = codingIn(row, field);
    return valueCoding ? [{ url, valueCoding }] : [];
  };
  return [
    ...(isYes(row, 'green-channel') ? [{ url: extensions.greenChannel, valueBoolean: true }] : []),
    ...coded('bypass-reason', `${canonical}/bypass-reason`),
    ...coded('special-circumstance', `${canonical}/special-circumstance`),
  ];
}
