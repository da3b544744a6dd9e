/** For whom a request is made: whoever asks acts for an organization, in one or more roles. */
export interface Actor {
  /** `Organization/[id]`; undefined for an office that acts for none. */
  organization?: string;
  /** Roles of the domain, e.g. `alliance-office` (terminology/CodeSystem-access-role.json). */
  roles: readonly string[];
  /** `Device/[id]`: the registered client by which the request came; undefined where access control is off. */
  client?: string;
  /**
   * `Practitioner/[id]` where a person acts by a client; `Patient/[id]` or `RelatedPerson/[id]` where that is the patient or
   * who represents them; undefined where a system acts for itself.
   */
  person?: string;
  /** `Patient/[id]`: whom the app was launched for, and whom scopes `patient/…` are about. */
  patient?: string;
  /** What the token is good for at most; undefined: no bound by scope, as with an API key. */
  scopes?: readonly Scope[];
  /** The purpose of use that the request states (http://terminology.hl7.org/CodeSystem/v3-ActReason), e.g. `ETREAT`. */
  purpose?: string;
  /** The server itself, which does what must happen by the clock. No request can say so. */
  isSystem?: true;
}

/** One scope of SMART v2 (https://hl7.org/fhir/smart-app-launch/scopes-and-launch-context.html), taken apart. */
export interface Scope {
  context: 'system' | 'user' | 'patient';
  /** A resource type, or `*` for all. */
  type: string;
  /** Letters of `cruds` in this order: create, read, update, delete, search. */
  permissions: string;
  /** The search criteria behind `?`, as in an address: what they do not find the scope does not permit. */
  filter?: string;
}

/** Whether the patient asks, or who represents them: they see of this patient what there is, and of others nothing. */
export function isPatientThemselves({ person }: Actor): boolean {
  return /^(?:Patient|RelatedPerson)\//.test(person ?? '');
}

/** Whether all that is asked is bound to one patient: it learns nothing of another, whatever it knows of them. */
export function isBoundToPatient(actor: Actor): boolean {
  const { scopes } = actor;
  return isPatientThemselves(actor) || (scopes?.[0] !== undefined && scopes.every(isOfPatient));
}

/** Whether a scope is about the patient of the launch alone. */
export function isOfPatient({ context }: Scope): boolean {
  return context === 'patient';
}
