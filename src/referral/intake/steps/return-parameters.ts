import { elements } from '../../../fhir/elements.ts';
import type { Coding, Element, Resource } from '../../../fhir/resource.ts';
import { codeSystems } from '../../vocabulary.ts';
import { bundleOf } from '../bundle/bundle.ts';
import { textIn } from '../bundle/part.ts';
import type { Problem } from '../problem.ts';
import type { FlatRow } from '../row.ts';
import type { Value } from '../values/values.ts';
import { ownerOf, patientOf, problemAt, type SentStep, type StepContext } from './step.ts';

const coded = (system: string, code: string): readonly Coding[] => [{ system, code }];

/**
 * The parameters of `$return`: the referral down that the row makes, as a row of the form of referrals would, from the
 * receiver back to the sender, its papers, and as feedback the return form or the discharge summary.
 */
export async function returnParameters(context: StepContext): Promise<SentStep | { problems: Problem[] }> {
  const { row, task, directory, mapping } = context;
  const doctor = { number: textIn(row, 'doctor-number'), name: textIn(row, 'doctor-name') };
  const missing = (
    [
      ['down-number', textIn(row, 'down-number')],
      ['doctor-name', doctor.number ?? doctor.name],
      ['indication', row.values.get('indication')],
      ['diagnosis', textIn(row, 'diagnosis') ?? textIn(row, 'diagnosis-code')],
    ] as const
  ).filter(([, value]) => value === undefined);
  if (missing.length > 0)
    return {
      problems: missing.map(([field]) =>
        problemAt(context, field, { zh: '下转须填写', en: 'a return needs it' }),
      ),
    };
  const found = await directory.practitioner(doctor, ownerOf(task), context.now);
  if (!('reference' in found))
    return {
      problems: [
        problemAt(context, doctor.number === undefined ? 'doctor-name' : 'doctor-number', found.problem),
      ],
    };

  const parties = {
    sender: ownerOf(task),
    doctor: found.reference,
    receiver: elements(task, 'requester')[0] ?? {},
  };
  const { bundle } = bundleOf(asReferral(row, context.now), parties, mapping);
  const ids = new Map(
    bundle.entry.map(({ fullUrl, resource }, index) => [fullUrl, `${resource.resourceType}/part-${index}`]),
  );
  const patient = bundle.entry[0]!.fullUrl;
  const named = bundle.entry.slice(1).map(
    ({ resource, fullUrl }): Resource => ({
      ...(relinked(resource, (link) =>
        link === patient ? patientOf(task) : linkTo(ids.get(link)),
      ) as Resource),
      id: ids.get(fullUrl)!.split('/')[1]!,
    }),
  );
  const referral = named.at(-1)!;
  const others = named.slice(0, -1);
  const { basedOn: _, ...own } = referral;
  const feedback =
    others.find(({ resourceType }) => resourceType === 'Composition') ??
    others.find(({ resourceType }) => resourceType === 'DocumentReference') ??
    others.find(({ resourceType }) => resourceType === 'CarePlan');
  return {
    parameters: [
      { name: 'referral', resource: own },
      ...(feedback
        ? [{ name: 'feedback', valueReference: { reference: `${feedback.resourceType}/${feedback.id}` } }]
        : []),
      ...others.map((resource) => ({ name: 'resource', resource })),
    ],
    resources: [],
  };
}

/** The row as one of the form of referrals, down and with a diagnosis that is sure. */
function asReferral(row: FlatRow, now: string): FlatRow {
  const values = new Map<string, Value>(row.values);
  values.set('referral-number', textIn(row, 'down-number')!);
  values.set('authored', now);
  values.set('direction', coded(codeSystems.direction, 'down'));
  if (!values.has('diagnosis-certainty'))
    values.set(
      'diagnosis-certainty',
      coded('http://terminology.hl7.org/CodeSystem/condition-ver-status', 'confirmed'),
    );
  return { ...row, values };
}

function linkTo(reference: string | undefined): Element | undefined {
  return reference === undefined ? undefined : { reference };
}

/** A resource with its references to other parts changed. */
function relinked(value: unknown, to: (link: string) => Element | undefined): unknown {
  if (Array.isArray(value)) return value.map((item) => relinked(item, to));
  if (typeof value !== 'object' || value === null) return value;
  const { reference } = value as Element;
  const target = typeof reference === 'string' ? to(reference) : undefined;
  if (target) return target;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, relinked(member, to)]));
}
