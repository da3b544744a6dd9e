import type { Element } from '../../../fhir/resource.ts';
import { directionOf, isConsultation } from '../../recognise.ts';
import { formComposition, formSections, isNational, summaryDocument } from '../bundle/papers.ts';
import { codingIn, type Part, textIn } from '../bundle/part.ts';
import type { Problem } from '../problem.ts';
import { numberSystems } from '../vocabulary.ts';
import { redirectParameters, referParameters } from './onward-parameters.ts';
import { returnParameters } from './return-parameters.ts';
import { actionIn, ownerOf, patientOf, problemAt, type SentStep, type StepContext, stateIn } from './step.ts';

type Made = SentStep | { problems: Problem[] };

/** What the row says of each action, as the parameters of the operation of that name. What it lacks the step refuses. */
export async function stepParameters(context: StepContext): Promise<Made> {
  switch (actionIn(context.row)) {
    case 'request-info':
      return plain([...reason(context), ...texts(context, { 'records-requested': 'records-request' })]);
    case 'supply-info':
      return plain(texts(context, { information: 'information' }));
    case 'accept':
      return accept(context);
    case 'reject':
      return plain(reason(context, 'reject-reason'));
    case 'depart':
      return plain([
        ...times(context, { 'departed-at': 'departure' }),
        ...texts(context, { escort: 'escort' }),
      ]);
    case 'arrive':
      return arrive(context);
    case 'complete':
      return complete(context);
    case 'return':
      return returnParameters(context);
    case 'redirect':
      return redirectParameters(context, reason(context));
    case 'refer':
      return referParameters(context);
    case 'cancel':
      return plain([...reason(context, 'cancel-reason'), ...state(context)]);
    case 'hold':
      return plain(reason(context));
    case 'fail':
      return plain([...reason(context), ...state(context)]);
    case 'resume':
      return plain(state(context));
    default:
      return plain([]);
  }
}

function plain(parameters: Element[]): SentStep {
  return { parameters, resources: [] };
}

function texts({ row }: StepContext, names: Readonly<Record<string, string>>): Element[] {
  return Object.entries(names).flatMap(([field, name]) => {
    const valueString = textIn(row, field);
    return valueString === undefined ? [] : [{ name, valueString }];
  });
}

function times({ row }: StepContext, names: Readonly<Record<string, string>>): Element[] {
  return Object.entries(names).flatMap(([field, name]) => {
    const valueDateTime = textIn(row, field);
    return valueDateTime === undefined ? [] : [{ name, valueDateTime }];
  });
}

/** The reason: its code where the action has one, and its words; of a code alone its name. */
function reason({ row }: StepContext, coded?: string): Element[] {
  const coding = coded === undefined ? undefined : codingIn(row, coded);
  const text = textIn(row, 'reason') ?? coding?.display;
  if (!coding && text === undefined) return [];
  return [
    { name: 'reason', valueCodeableConcept: { ...(coding && { coding: [coding] }), ...(text && { text }) } },
  ];
}

function state({ row, mapping }: StepContext): Element[] {
  const valueCode = stateIn(row, mapping);
  return valueCode === undefined ? [] : [{ name: 'business-status', valueCode }];
}

async function accept(context: StepContext): Promise<Made> {
  const { row, task, directory, now } = context;
  const problems: Problem[] = [];
  const owner = ownerOf(task);
  const parameters: Element[] = [];
  const name = textIn(row, 'department-name');
  if (name !== undefined) {
    const department = await directory.department(name, owner);
    if ('reference' in department)
      parameters.push({ name: 'department', valueReference: department.reference });
    else problems.push(problemAt(context, 'department-name', department.problem));
  }
  const liaison = { number: textIn(row, 'liaison-number'), name: textIn(row, 'liaison-name') };
  if (liaison.number !== undefined || liaison.name !== undefined) {
    const found = await directory.practitioner(liaison, owner, now);
    if ('reference' in found) parameters.push({ name: 'liaison', valueReference: found.reference });
    else
      problems.push(
        problemAt(context, liaison.number === undefined ? 'liaison-name' : 'liaison-number', found.problem),
      );
  }
  const end = textIn(row, 'arrive-by');
  if (end !== undefined) parameters.push({ name: 'arrival-period', valuePeriod: { end } });
  return problems.length > 0 ? { problems } : plain([...parameters, ...state(context)]);
}

const encounterNumbers = {
  'outpatient-number': numberSystems.outpatient,
  'inpatient-number': numberSystems.inpatient,
  'medical-record-number': numberSystems.medicalRecord,
} as const;

const classes: Readonly<Record<string, Element>> = {
  inpatient: { code: 'IMP', display: 'inpatient encounter' },
  emergency: { code: 'EMER', display: 'emergency' },
};

/** The arrival, with the encounter at the receiver. */
function arrive({ row, task, referral, now }: StepContext): SentStep {
  const identifier = Object.entries(encounterNumbers).flatMap(([field, system]) => {
    const value = textIn(row, field);
    return value === undefined ? [] : [{ system, value }];
  });
  const service =
    codingIn(row, 'service')?.code ?? (row.values.has('inpatient-number') ? 'inpatient' : 'outpatient');
  const encounter: Part = {
    key: 'arrival',
    fields: ['arrived-at', 'service', ...Object.keys(encounterNumbers)],
    resource: {
      resourceType: 'Encounter',
      ...(identifier.length > 0 && { identifier }),
      status: 'in-progress',
      class: {
        system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode',
        ...(classes[service] ?? { code: 'AMB', display: 'ambulatory' }),
      },
      subject: patientOf(task),
      ...(referral && { basedOn: [{ reference: `ServiceRequest/${referral.id}` }] }),
      period: { start: textIn(row, 'arrived-at') ?? now },
      serviceProvider: ownerOf(task),
    },
  };
  return {
    parameters: [{ name: 'encounter', valueReference: { reference: 'arrival' } }],
    resources: [encounter],
  };
}

/** The end of the treatment, with what the referral asks for: feedback, a follow-up, or advice. */
async function complete(context: StepContext): Promise<Made> {
  const { row, referral } = context;
  const words = ['next-plan', 'information', 'treatment', 'discharge-summary'].flatMap(
    (field) => textIn(row, field) ?? [],
  );
  if (isConsultation(referral))
    return plain(words.length > 0 ? [{ name: 'advice', valueString: words.join('\n') }] : []);
  if (referral && directionOf(referral) === 'down')
    return plain(
      words.length > 0
        ? [{ name: 'follow-up', valueReference: { display: words.join(';').slice(0, 1_000) } }]
        : [],
    );
  const author = await authorOf(context);
  if ('problems' in author) return author;
  const paper = feedbackOf(context, author.author);
  if (!paper) return plain(state(context));
  return {
    parameters: [{ name: 'feedback', valueReference: { reference: paper.key } }, ...state(context)],
    resources: [paper],
  };
}

/** The doctor who writes, where the row names one; else the organization. */
async function authorOf(context: StepContext): Promise<{ author: Element } | { problems: Problem[] }> {
  const { row, task, directory, now } = context;
  const doctor = { number: textIn(row, 'doctor-number'), name: textIn(row, 'doctor-name') };
  if (doctor.number === undefined && doctor.name === undefined) return { author: ownerOf(task) };
  const found = await directory.practitioner(doctor, ownerOf(task), now);
  if ('reference' in found) return { author: found.reference };
  return {
    problems: [
      problemAt(context, doctor.number === undefined ? 'doctor-name' : 'doctor-number', found.problem),
    ],
  };
}

/** The feedback: the return form, or as much of it as the row has, else the discharge summary. */
function feedbackOf({ row, task, now }: StepContext, author: Element): Part | undefined {
  const sections = formSections(row, 'back');
  const record = textIn(row, 'medical-record-number');
  const encounter =
    record === undefined ? undefined : { identifier: { system: numberSystems.medicalRecord, value: record } };
  const fields = [
    'diagnosis',
    'results',
    'treatment',
    'treatment-outcome',
    'next-plan',
    'medical-record-number',
  ];
  if (sections.length > 0) {
    const isWhole = isNational(sections, 'back') && record !== undefined;
    const more = { subject: patientOf(task), date: now, author, custodian: ownerOf(task), encounter };
    return { key: 'feedback', fields, resource: formComposition('back', isWhole, sections, more) };
  }
  const summary = textIn(row, 'discharge-summary');
  if (summary === undefined) return undefined;
  return {
    key: 'feedback',
    fields: ['discharge-summary'],
    resource: summaryDocument(summary, patientOf(task), author),
  };
}
