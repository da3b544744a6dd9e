/** The canonical base of everything that the project defines. */
const base = 'https://w3id.org/zhuanzhen';

/** The code systems that the referral part reads or writes. */
export const codeSystems = {
  direction: `${base}/CodeSystem/referral-direction`,
  indication: `${base}/CodeSystem/referral-indication`,
  service: `${base}/CodeSystem/referral-service`,
  businessStatus: `${base}/CodeSystem/referral-business-status`,
  affiliationRole: `${base}/CodeSystem/affiliation-role`,
  rule: `${base}/CodeSystem/referral-rule`,
  ruleConsequence: `${base}/CodeSystem/rule-consequence`,
  loinc: 'http://loinc.org',
  ucum: 'http://unitsofmeasure.org',
  /** 卫生信息数据元目录 (WS/T 363). */
  dataElements: 'urn:oid:2.16.156.10011.2.2.1',
  measureSet: `${base}/CodeSystem/measure-set`,
  measurePopulation: 'http://terminology.hl7.org/CodeSystem/measure-population',
  taskCode: 'http://hl7.org/fhir/CodeSystem/task-code',
  step: `${base}/CodeSystem/referral-step`,
  messageEvent: `${base}/CodeSystem/message-event`,
  duty: `${base}/CodeSystem/referral-duty`,
  rejectReason: `${base}/CodeSystem/reject-reason`,
  inputType: `${base}/CodeSystem/task-input-type`,
  outputType: `${base}/CodeSystem/output-type`,
  institutionTier: `${base}/CodeSystem/institution-tier`,
  reimbursement: `${base}/CodeSystem/reimbursement`,
  specialty: `${base}/CodeSystem/medical-specialty`,
  referralForm: `${base}/CodeSystem/referral-form`,
  formSection: `${base}/CodeSystem/form-section`,
  ledgerColumn: `${base}/CodeSystem/ledger-column`,
  consentCategory: `${base}/CodeSystem/consent-category`,
  practitionerFunction: `${base}/CodeSystem/practitioner-function`,
  characteristic: `${base}/CodeSystem/service-characteristic`,
  /** Of which `PLAC` marks the number that the sender gave (http://hl7.org/fhir/R4/v2/0203/index.html). */
  identifierType: 'http://terminology.hl7.org/CodeSystem/v2-0203',
} as const;

/** The numbers that the server gives. */
export const identifierSystems = {
  task: `${base}/sid/referral-task`,
  certificate: `${base}/sid/referral-certificate`,
  importedCount: `${base}/sid/imported-count`,
  weeklyLedger: `${base}/sid/weekly-ledger`,
  /** The digest of what a message says, as a tag of its answer. */
  messageContent: `${base}/sid/message-content`,
  /** The HTTP status of the answer, likewise. */
  messageStatus: `${base}/sid/message-status`,
  /** The digest of the id of the Bundle that brought a message, likewise. */
  messageEnvelope: `${base}/sid/message-envelope`,
} as const;

/** The profiles that the server holds referrals to, whether or not they are named in `meta.profile`. */
export const profiles = {
  referral: `${base}/StructureDefinition/referral`,
  upReferral: `${base}/StructureDefinition/up-referral`,
  downReferral: `${base}/StructureDefinition/down-referral`,
  task: `${base}/StructureDefinition/referral-task`,
  followUpTask: `${base}/StructureDefinition/followup-task`,
  papersTask: `${base}/StructureDefinition/papers-task`,
  patient: `${base}/StructureDefinition/patient`,
  organization: `${base}/StructureDefinition/organization`,
} as const;

/** The profiles of the two national forms as documents, by their codes. */
export const paperProfiles = {
  'transfer-out-form': `${base}/StructureDefinition/transfer-out-form`,
  'transfer-back-form': `${base}/StructureDefinition/transfer-back-form`,
} as const;

export const extensions = {
  institutionTier: `${base}/StructureDefinition/institution-tier`,
  ruleSeverity: `${base}/StructureDefinition/rule-severity`,
  ruleEvidence: `${base}/StructureDefinition/rule-evidence`,
  rulePlace: `${base}/StructureDefinition/rule-place`,
  ruleMayFollow: `${base}/StructureDefinition/rule-may-follow`,
  ruleEnabled: `${base}/StructureDefinition/rule-enabled`,
  ruleThreshold: `${base}/StructureDefinition/rule-threshold`,
  ruleValueSet: `${base}/StructureDefinition/rule-value-set`,
  judgedBy: `${base}/StructureDefinition/judged-by`,
  formulary: `${base}/StructureDefinition/formulary`,
  receivingDepartment: `${base}/StructureDefinition/receiving-department`,
  liaison: `${base}/StructureDefinition/liaison`,
  waitingFor: `${base}/StructureDefinition/waiting-for`,
  due: `${base}/StructureDefinition/due`,
  remaining: `${base}/StructureDefinition/remaining`,
  reception: `${base}/StructureDefinition/reception`,
  stepTaken: `${base}/StructureDefinition/step-taken`,
  refusedBefore: `${base}/StructureDefinition/refused-before`,
  measureSource: `${base}/StructureDefinition/measure-source`,
  measureTarget: `${base}/StructureDefinition/measure-target`,
  aggregateMethod: `${base}/StructureDefinition/aggregate-method`,
  ledgerSeal: `${base}/StructureDefinition/ledger-seal`,
  stratumSubject: `${base}/StructureDefinition/stratum-subject`,
  /** http://hl7.org/fhir/R4/extension-data-absent-reason.html */
  dataAbsent: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason',
  workingDay: `${base}/StructureDefinition/working-day`,
  greenChannel: `${base}/StructureDefinition/green-channel`,
  greenChannelPriority: `${base}/StructureDefinition/green-channel-priority`,
  reservedFor: `${base}/StructureDefinition/reserved-for`,
} as const;

/** The diseases that each tier treats itself, by the tier of the sender. */
export const diseaseLists: Readonly<Record<string, string>> = {
  village: `${base}/ValueSet/township-disease-list`,
  township: `${base}/ValueSet/township-disease-list`,
  county: `${base}/ValueSet/county-disease-list`,
};

/** The OperationDefinition of an operation that takes a step, by its name with the dollar sign. */
export function stepOperationUrl(name: string): string {
  return `${base}/OperationDefinition/task-${name.slice(1)}`;
}

/** The OperationDefinition of an operation on appointments, by its name with the dollar sign. */
export function appointmentOperationUrl(name: string): string {
  return `${base}/OperationDefinition/appointment-${name.slice(1)}`;
}

/** How long the clocks between two steps run. */
export const clocksPlan = 'referral-clocks';
export const clocksUrl = `${base}/PlanDefinition/${clocksPlan}`;

/** The hours of a reception that has stated none. */
export const defaultReception = 'default-reception';

/** What the insurance reimburses with a referral and without one. */
export const reimbursementPlan = 'referral-reimbursement';

export const reimbursementHintUrl = `${base}/OperationDefinition/reimbursement-hint`;

/** The form that a paper is printed by, by its code. */
export function questionnaireUrl(code: string): string {
  return `${base}/Questionnaire/${code}`;
}

export const paperDocumentUrl = `${base}/OperationDefinition/paper-document`;

export const verifyReferralUrl = `${base}/OperationDefinition/verify-referral`;

export const rulesUrl = `${base}/PlanDefinition/referral-rules`;

/** What supports each indication. */
export const indicationsUrl = `${base}/PlanDefinition/referral-indications`;

/** What a message of an event holds. */
export function messageDefinitionUrl(event: string): string {
  return `${base}/MessageDefinition/${event}`;
}

export const submitUrl = `${base}/OperationDefinition/submit`;

export const checkIndicationsUrl = `${base}/OperationDefinition/check-indications`;

export const importCountsUrl = `${base}/OperationDefinition/import-counts`;

export const monthlyFeedbackUrl = `${base}/OperationDefinition/monthly-feedback`;

export const indicatorsUrl = `${base}/OperationDefinition/indicators`;

/** A Measure of the project, by its id. */
export function measureUrl(id: string): string {
  return `${base}/Measure/${id}`;
}

export const ledgerUrl = `${base}/OperationDefinition/ledger`;

export const historyOperationUrl = `${base}/OperationDefinition/referral-history`;

/** Where a referral goes: to a higher tier, to a lower one, or to one of the same. */
export const directions = ['up', 'down', 'lateral'] as const;
export type Direction = (typeof directions)[number];
