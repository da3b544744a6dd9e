import { randomUUID } from 'node:crypto';
import { refusals, refuse } from '../fhir/refusal.ts';
import type { Resource } from '../fhir/resource.ts';
import { parseSearch } from '../fhir/search/parse.ts';
import type { Operation, OperationAnswer, OperationRequest } from '../interactions/operation.ts';
import { creationOf, keepAll } from '../interactions/operation-changes.ts';
import type { Server } from '../interactions/server.ts';
import type { StoredVersion } from '../store/store.ts';
import { accessOf } from './access.ts';
import { treats } from './view.ts';

/** So long one may read after the glass was broken, in milliseconds: a shift at the emergency department, and a half. */
const duration = 12 * 3_600_000;
/** So many records one patient may have under the same number. */
const most = 20;

const canonical = 'https://w3id.org/zhuanzhen';
const coding = (system: string, code: string) => ({ coding: [{ system, code }] });

/**
 * `Patient/$break-the-glass` with `identifier` (system|value) and `reason`: whoever treats a patient in an emergency may
 * read, for some hours, what is about the patient, also against a Consent. It leaves a Consent of the category
 * `break-the-glass`, by which it holds and ends, and a Communication to the institutions that registered and signed the
 * patient, with the reason; like every access it is recorded. Refuses with 400 without a reason, with 403 who treats
 * nobody, and with 404 where there is no such patient. `whole` is the server as nobody's view narrows it.
 */
export function createBreakTheGlass(whole: () => Server): Operation {
  return {
    name: '$break-the-glass',
    definition: `${canonical}/OperationDefinition/break-the-glass`,
    on: { type: true, types: ['Patient'] },
    affectsState: true,
    run: (request, server) => breakTheGlass(request, server, whole()),
  };
}

async function breakTheGlass(
  { parameters }: OperationRequest,
  { actor }: Server,
  server: Server,
): Promise<OperationAnswer> {
  const [identifier, reason] = ['identifier', 'reason'].map((name) => {
    const [value, ...others] = parameters.get(name) ?? [];
    if (!value?.trim() || others.length > 0) throw refuse(refusals.missingStepParameter, [name]);
    return value.trim();
  }) as [string, string];
  if (!/^[^|]+\|[^|]+$/.test(identifier))
    throw refuse(refusals.invalidParameter, [
      'identifier',
      { zh: '须为 system|value', en: 'takes system|value' },
    ]);
  const by = actor && treats(new Set(actor.roles)) ? actor.organization : undefined;
  if (!by) throw refuse(refusals.notYours, ['$break-the-glass']);

  const { filter } = parseSearch(server, 'Patient', [['identifier', identifier]], { handling: 'strict' });
  const acting: Server = { ...server, actor: { roles: [], isSystem: true } };
  return server.store.write(async (transaction) => {
    const found = await transaction.search({ type: 'Patient', filter, sort: [], limit: most });
    if (found.length === 0) throw refuse(refusals.notFound, ['Patient']);
    const made = found.flatMap(({ version }) => opening(version, by, reason, server.now()));
    return keepAll(
      acting,
      transaction,
      made.map((resource) => creationOf(acting, randomUUID(), resource)),
    );
  });
}

/** The Consent by which one patient's record is open, and the message to those who answer for the patient. */
function opening({ id, access }: StoredVersion, by: string, reason: string, now: number): Resource[] {
  const patient = { reference: `Patient/${id}` };
  const known = accessOf({ access });
  const told = new Set(
    [known?.author, ...(known?.decided?.residentOf ?? [])].filter((each) => each !== undefined),
  );
  told.delete(by);
  const [start, end] = [now, now + duration].map((instant) => new Date(instant).toISOString());
  const consent: Resource = {
    resourceType: 'Consent',
    status: 'active',
    scope: coding('http://terminology.hl7.org/CodeSystem/consentscope', 'patient-privacy'),
    category: [{ ...coding(`${canonical}/CodeSystem/consent-category`, 'break-the-glass'), text: reason }],
    patient,
    dateTime: start,
    organization: [{ reference: by }],
    policyRule: coding('http://terminology.hl7.org/CodeSystem/v3-ActCode', 'OPTIN'),
    provision: {
      type: 'permit',
      period: { start, end },
      actor: [
        {
          role: coding('http://terminology.hl7.org/CodeSystem/v3-ParticipationType', 'IRCP'),
          reference: { reference: by },
        },
      ],
      purpose: ['TREAT', 'ETREAT'].map((code) => ({
        system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason',
        code,
      })),
    },
  };
  const report: Resource = {
    resourceType: 'Communication',
    status: 'completed',
    category: [coding('http://terminology.hl7.org/CodeSystem/communication-category', 'notification')],
    priority: 'urgent',
    // Not its subject: whom it is sent to reads it, whatever the patient has decided on what is about them.
    about: [patient],
    sent: start,
    sender: { reference: by },
    recipient: [...told].sort().map((reference) => ({ reference })),
    payload: [
      {
        contentString: `紧急查阅患者资料,理由:${reason},至 ${end} 止 / The record was opened in an emergency until ${end}, because: ${reason}`,
      },
    ],
  };
  return told.size > 0 ? [consent, report] : [consent];
}
