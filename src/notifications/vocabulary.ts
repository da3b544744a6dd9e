const own = 'https://w3id.org/zhuanzhen/StructureDefinition';
/** Subscriptions R5 Backport 1.1 (http://hl7.org/fhir/uv/subscriptions-backport/STU1.1/). */
const backport = 'http://hl7.org/fhir/uv/subscriptions-backport';

/** The extensions of a Subscription: those of the backport, and the server's own. */
export const extensions = {
  filter: `${backport}/StructureDefinition/backport-filter-criteria`,
  content: `${backport}/StructureDefinition/backport-payload-content`,
  heartbeat: `${backport}/StructureDefinition/backport-heartbeat-period`,
  timeout: `${backport}/StructureDefinition/backport-timeout`,
  maxCount: `${backport}/StructureDefinition/backport-max-count`,
  channelType: `${backport}/StructureDefinition/backport-channel-type`,
  /** What notifications are signed with; written, and never shown again. */
  secret: `${own}/signing-secret`,
  /** Header values and signing secret, sealed. */
  sealed: `${own}/sealed-secrets`,
  /** Who has made the subscription, as whom the server looks at what it tells. */
  subscriber: `${own}/subscriber`,
} as const;

/** The profiles of a notification and of its first entry. */
export const profiles = {
  subscription: `${backport}/StructureDefinition/backport-subscription`,
  notification: `${backport}/StructureDefinition/backport-subscription-notification-r4`,
  status: `${backport}/StructureDefinition/backport-subscription-status-r4`,
} as const;

/** On `CapabilityStatement.rest.resource`, for each topic. */
export const capabilityTopic = `${backport}/StructureDefinition/capabilitystatement-subscriptiontopic-canonical`;

/** On `CapabilityStatement.rest`: where websockets are bound. */
export const capabilityWebsocket = 'http://hl7.org/fhir/StructureDefinition/capabilitystatement-websocket';

/** OperationDefinitions of the backport, and the server's own. */
export const operationDefinitions = {
  status: `${backport}/OperationDefinition/backport-subscription-status`,
  events: `${backport}/OperationDefinition/backport-subscription-events`,
  token: `${backport}/OperationDefinition/backport-subscription-get-ws-binding-token`,
  resend: 'https://w3id.org/zhuanzhen/OperationDefinition/subscription-resend',
  deadLetters: 'https://w3id.org/zhuanzhen/OperationDefinition/subscription-dead-letters',
} as const;

/** What stands in the place of a secret. */
export const mask = '***';
