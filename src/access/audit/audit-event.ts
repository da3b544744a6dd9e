import type { Element, Resource } from '../../fhir/resource.ts';
import { type AuditRecord, isReference } from './record.ts';

const terminology = 'http://terminology.hl7.org/CodeSystem';
const dicom = 'http://dicom.nema.org/resources/ontology/DCM';
const roleSystem = 'https://w3id.org/zhuanzhen/CodeSystem/access-role';
const balp = 'https://profiles.ihe.net/ITI/BALP';

const source = { system: dicom, code: '110153', display: 'Source Role ID' };
const application = { system: dicom, code: '110150', display: 'Application' };
const destination = { system: dicom, code: '110152', display: 'Destination Role ID' };

/** How an interaction is told of (IHE Basic Audit Log Patterns, https://profiles.ihe.net/ITI/BALP/). */
interface Pattern {
  /** A code of DICOM, where it is no interaction of REST. */
  type?: Element;
  /** http://hl7.org/fhir/R4/valueset-audit-event-action.html */
  action: 'C' | 'R' | 'U' | 'D' | 'E';
  /** A code of http://hl7.org/fhir/R4/codesystem-restful-interaction.html, or another coding. */
  subtype?: string | Element;
  /** The profile's name after `IHE.BasicAudit.`. */
  profile?: string;
}

const authentication = { system: dicom, code: '110114', display: 'User Authentication' };
const patientRecord = { system: dicom, code: '110110', display: 'Patient Record' };
const getToken = { system: 'urn:ihe:event-type-code', code: 'ITI-71', display: 'Get Access Token' };
const login = { system: dicom, code: '110122', display: 'Login' };

const patterns: Record<AuditRecord['did'], Pattern> = {
  read: { action: 'R', subtype: 'read', profile: 'Read' },
  vread: { action: 'R', subtype: 'vread', profile: 'Read' },
  create: { action: 'C', subtype: 'create', profile: 'Create' },
  update: { action: 'U', subtype: 'update', profile: 'Update' },
  patch: { action: 'U', subtype: 'patch', profile: 'Update' },
  delete: { action: 'D', subtype: 'delete', profile: 'Delete' },
  'search-type': { action: 'E', subtype: 'search-type', profile: 'Query' },
  'search-system': { action: 'E', subtype: 'search-system', profile: 'Query' },
  'history-instance': { action: 'R', subtype: 'history-instance' },
  'history-type': { action: 'R', subtype: 'history-type' },
  'history-system': { action: 'R', subtype: 'history-system' },
  operation: { action: 'E', subtype: 'operation' },
  transaction: { action: 'E', subtype: 'transaction' },
  batch: { action: 'E', subtype: 'batch' },
  capabilities: { action: 'R', subtype: 'capabilities' },
  'async-status': { action: 'R' },
  'async-answer': { action: 'R' },
  'async-cancel': { action: 'D' },
  // What a subscriber is told, they read.
  notification: { action: 'R' },
  unknown: { action: 'E' },
  'get-token': { action: 'E', type: authentication, subtype: getToken },
  'sign-in': { action: 'E', type: authentication, subtype: login },
  job: { action: 'U', type: patientRecord },
};

/**
 * How many AuditEvents a record has: "one AuditEvent is created for every Patient identified" (BALP, PatientQuery), so
 * that who is shown those of one patient learns nothing of another.
 */
export function countOf({ patients }: AuditRecord): number {
  return Math.max(1, patients?.length ?? 0);
}

/** The id of the nth AuditEvent of a record: the record's number, and which of its patients is meant when it has several. */
export function idOf(number: number, record: AuditRecord, n: number): string {
  return countOf(record) === 1 ? String(number) : `${number}-${n + 1}`;
}

/** The record's number, and which of its AuditEvents, that an id stands for; undefined when it can be none. */
export function placeOf(id: string): { number: number; n: number } | undefined {
  const [, number, n] = /^([1-9]\d{0,14})(?:-([1-9]\d{0,4}))?$/.exec(id) ?? [];
  return number === undefined
    ? undefined
    : { number: Number(number), n: n === undefined ? 0 : Number(n) - 1 };
}

/** The AuditEvent of a record about the nth of its patients. `base` is the server's URL. */
export function auditEventOf(base: string, number: number, record: AuditRecord, n: number): Resource {
  const instant = new Date(record.at).toISOString();
  const patient = record.patients?.[n];
  const { action, type, subtype, profile } = patterns[record.did];
  const isWhole = record.status < 400 && profile && (profile === 'Query' || isReference(record.on ?? ''));
  const name = patient === undefined ? profile : `Patient${profile}`;
  return {
    resourceType: 'AuditEvent',
    id: idOf(number, record, n),
    meta: {
      versionId: '1',
      lastUpdated: instant,
      ...(isWhole && { profile: [`${balp}/StructureDefinition/IHE.BasicAudit.${name}`] }),
    },
    ...(record.pruned
      ? { type: { system: `${terminology}/iso-21089-lifecycle`, code: 'destroy' }, action: 'D' }
      : {
          type: type ?? {
            system: `${terminology}/audit-event-type`,
            code: 'rest',
            display: 'Restful Operation',
          },
          ...(subtype && {
            subtype: [
              typeof subtype === 'string'
                ? { system: 'http://hl7.org/fhir/restful-interaction', code: subtype }
                : subtype,
            ],
          }),
          action,
        }),
    recorded: instant,
    outcome: record.status < 400 ? '0' : record.status < 500 ? '4' : '8',
    ...(record.status >= 400 && { outcomeDesc: `HTTP ${record.status}` }),
    ...(record.by?.purpose && { purposeOfEvent: [purposeOf(record.by.purpose)] }),
    agent: agentsOf(base, record),
    source: {
      observer: serverAt(base),
      type: [{ system: `${terminology}/security-source-type`, code: '4', display: 'Application Server' }],
    },
    entity: entitiesOf(record, patient),
  };
}

function agentsOf(base: string, { did, from, by = {}, query, pruned }: AuditRecord): Element[] {
  if (pruned) return [{ who: whoOf(by.person), requestor: true }];
  // The server acts by itself; which of its jobs, the end of the address says.
  if (did === 'job')
    return [
      {
        type: { coding: [application] },
        who: serverAt(base),
        name: `按时办理 ${nameOfJob(query)} / job by the clock ${nameOfJob(query)}`,
        requestor: true,
      },
    ];
  // A read flows from the server to the client; a query, by the pattern, from the client to the server, as writes do.
  const isRead = patterns[did].action === 'R';
  const { client, person, organization, roles = [], purpose } = by;
  const purposeOfUse = purpose && { purposeOfUse: [purposeOf(purpose)] };
  const role = roles.length > 0 && {
    role: roles.map((code) => ({ coding: [{ system: roleSystem, code }] })),
  };
  const network = from === undefined ? {} : { network: { address: from, type: '2' } };
  const user = {
    system: `${terminology}/v3-ParticipationType`,
    code: isRead || did.startsWith('search') ? 'IRCP' : 'AUT',
  };
  return [
    {
      type: { coding: [isRead ? destination : source] },
      ...(person === undefined && role),
      who: whoOf(client),
      requestor: person === undefined,
      ...network,
      ...(person === undefined && purposeOfUse),
    },
    {
      type: { coding: [isRead ? source : destination] },
      who: serverAt(base),
      requestor: false,
      network: { address: base, type: '5' },
    },
    ...(person === undefined
      ? []
      : [{ type: { coding: [user] }, ...role, who: whoOf(person), requestor: true, ...purposeOfUse }]),
    // For whom the client or person acts.
    ...(organization === undefined ? [] : [{ who: whoOf(organization), requestor: false }]),
  ];
}

function entitiesOf(
  { request, did, on, query, pruned }: AuditRecord,
  patient: string | undefined,
): Element[] {
  const system = { system: `${terminology}/audit-entity-type`, code: '2', display: 'System Object' };
  const role = (code: string, display: string) => ({ system: `${terminology}/object-role`, code, display });
  if (pruned)
    return [
      {
        type: system,
        role: role('13', 'Security Resource'),
        name: `AuditEvents 1 to ${pruned.last}`,
        detail: [
          { type: 'last', valueString: String(pruned.last) },
          { type: 'hash', valueString: pruned.hash },
        ],
      },
    ];
  return [
    ...(patient === undefined
      ? []
      : [
          {
            what: { reference: `Patient/${patient}` },
            type: { system: `${terminology}/audit-entity-type`, code: '1', display: 'Person' },
            role: role('1', 'Patient'),
          },
        ]),
    ...(on === undefined || did.startsWith('search')
      ? []
      : [
          {
            what: isReference(on) ? { reference: on } : { type: on },
            type: system,
            role: role('4', 'Domain Resource'),
          },
        ]),
    ...(query === undefined || did === 'job'
      ? []
      : [{ type: system, role: role('24', 'Query'), query: Buffer.from(query).toString('base64') }]),
    {
      what: { identifier: { value: request } },
      type: { system: `${balp}/CodeSystem/BasicAuditEntityType`, code: 'XrequestId' },
    },
  ];
}

function nameOfJob(query = ''): string {
  return query.slice(query.lastIndexOf('/') + 1);
}

/** A reference where that is what is known, else a name. */
function whoOf(name: string | undefined): Element {
  if (name === undefined) return { display: 'unknown' };
  return isReference(name) ? { reference: name } : { identifier: { value: name } };
}

function serverAt(base: string): Element {
  return { identifier: { system: 'urn:ietf:rfc:3986', value: base }, display: 'Zhuanzhen' };
}

function purposeOf(code: string): Element {
  return { coding: [{ system: `${terminology}/v3-ActReason`, code }] };
}
