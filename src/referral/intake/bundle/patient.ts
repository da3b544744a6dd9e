import type { Element } from '../../../fhir/resource.ts';
import { profiles } from '../../vocabulary.ts';
import type { FlatRow } from '../row.ts';
import { documentSystem, numberSystems } from '../vocabulary.ts';
import { codingIn, codingsIn, type Part, present, textIn } from './part.ts';

const canonical = 'https://w3id.org/zhuanzhen/StructureDefinition';

const fields = [
  'patient-name',
  'sex',
  'birth-date',
  'resident-id',
  'document-type',
  'document-number',
  'health-record-number',
  'health-card',
  'phone',
  'address',
  'ethnicity',
  'special-population',
];

/** The patient of a row, found by the first of the numbers that the row gives; of those none there is a new one. */
export function patientPart(row: FlatRow): Part {
  const identifier = identifiersOf(row);
  const extension = extensionsOf(row);
  const [gender] = [codingIn(row, 'sex')?.code];
  const phone = textIn(row, 'phone');
  const address = textIn(row, 'address');
  const birthDate = birthDateOf(row);
  const [first] = identifier;
  return {
    key: 'patient',
    fields: present(row, fields),
    resource: {
      resourceType: 'Patient',
      meta: { profile: [profiles.patient] },
      ...(extension.length > 0 && { extension }),
      ...(identifier.length > 0 && { identifier }),
      name: [{ use: 'official', text: textIn(row, 'patient-name') }],
      ...(phone && { telecom: [{ system: 'phone', value: phone }] }),
      ...(gender && { gender }),
      ...(birthDate && { birthDate }),
      ...(address && { address: [{ use: 'home', text: address }] }),
    },
    ...(first && { condition: `identifier=${first.system}|${first.value}` }),
  };
}

function identifiersOf(row: FlatRow): Element[] {
  const kind = codingIn(row, 'document-type')?.code ?? '99';
  const document = textIn(row, 'document-number');
  const isResidentId = kind === '01' || (document !== undefined && residentId.test(document));
  const resident = textIn(row, 'resident-id') ?? (isResidentId ? document : undefined);
  const numbers: [system: string, value: string | undefined][] = [
    [numberSystems.residentId, resident?.normalize('NFKC').toUpperCase().replaceAll(' ', '')],
    [documentSystem(kind), isResidentId ? undefined : document],
    [numberSystems.healthRecord, textIn(row, 'health-record-number')],
    [numberSystems.healthCard, textIn(row, 'health-card')],
  ];
  return numbers.flatMap(([system, value], index) =>
    value ? [{ ...(index === 0 && { use: 'official' }), system, value }] : [],
  );
}

const residentId = /^\d{17}[\dX]$/i;

/** The date of birth; where it is not given, that in the resident id (GB 11643). */
function birthDateOf(row: FlatRow): string | undefined {
  const stated = textIn(row, 'birth-date');
  if (stated !== undefined) return stated;
  const number = (textIn(row, 'resident-id') ?? textIn(row, 'document-number'))?.normalize('NFKC');
  if (number === undefined || !residentId.test(number)) return undefined;
  return `${number.slice(6, 10)}-${number.slice(10, 12)}-${number.slice(12, 14)}`;
}

function extensionsOf(row: FlatRow): Element[] {
  return ['ethnicity', 'special-population'].flatMap((field) =>
    codingsIn(row, field).map((valueCoding) => ({ url: `${canonical}/${field}`, valueCoding })),
  );
}
