import { codesOf, elements, extension } from '../../fhir/elements.ts';
import { isWithin } from '../../fhir/period.ts';
import type { Element, Resource } from '../../fhir/resource.ts';
import { and } from '../../fhir/search/query.ts';
import type { Records } from '../context/records.ts';
import { hasConcept, refersTo } from '../queries.ts';
import { isSame, type References, type Target } from '../reference.ts';
import { codeSystems, extensions } from '../vocabulary.ts';
import { receptionIn, referenceTo, servicesOf } from './reception.ts';

/** Each clinical department has one liaison (转诊联络员 每临床科室一名). */
const mostLiaisons = 100;

/** What proposals are made from. */
export interface ProposalSources {
  records: Records;
  references: References;
  now: number;
}

/**
 * The Task with the department and the liaison that its receiver has not named itself: the department that the referral
 * asks for (`performer`, `performerType`), for a stat referral that asks for none who receives it anyway; and the
 * liaison of the department who is in office. What does not follow from the records is left out, so that the step is
 * refused for it and a person decides.
 */
export async function withProposals(task: Resource, sources: ProposalSources): Promise<Resource> {
  const { records, references } = sources;
  const owner = references.target(task, 'owner', 'Organization');
  const focus = references.target(task, 'focus', 'ServiceRequest');
  const referral = focus && (await records.find(focus));
  if (!owner || !referral) return task;
  const services = await servicesOf(owner, records);
  const named = extension(task, extensions.receivingDepartment);
  const department = named
    ? serviceOf(services, references.target(named, 'valueReference'))
    : (serviceOf(services, references.target(referral, 'performer', 'HealthcareService')) ??
      departmentFor(codesOf(referral, 'performerType', codeSystems.specialty), services) ??
      emergencyOf(task, referral, services, references));
  const liaison =
    department && !extension(task, extensions.liaison) && (await liaisonOf(department, owner, sources));
  const proposed = [
    ...(department && !named ? [[extensions.receivingDepartment, department] as const] : []),
    ...(liaison ? [[extensions.liaison, liaison] as const] : []),
  ].map(([url, resource]): Element => ({ url, valueReference: referenceTo(resource) }));
  return proposed.length > 0 ? { ...task, extension: [...elements(task, 'extension'), ...proposed] } : task;
}

function serviceOf(services: readonly Resource[], target: Target | undefined): Resource | undefined {
  return services.find(({ resourceType, id }) => isSame({ type: resourceType, id: id! }, target));
}

/**
 * The department of a specialty (诊疗科目): of that very one, else of the one that it is part of (03.04 心血管内科 of
 * 03 内科); of several the most specialised.
 */
function departmentFor(wanted: readonly string[], services: readonly Resource[]): Resource | undefined {
  const specialties = (service: Resource) => codesOf(service, 'specialty', codeSystems.specialty);
  const bySpecialisation = [...services].sort((a, b) => specialties(a).length - specialties(b).length);
  const has = (isMeant: (code: string, specialty: string) => boolean) =>
    bySpecialisation.find((service) =>
      specialties(service).some((code) => wanted.some((specialty) => isMeant(code, specialty))),
    );
  return (
    has((code, specialty) => code === specialty) ?? has((code, specialty) => specialty.startsWith(`${code}.`))
  );
}

function emergencyOf(
  task: Resource,
  referral: Resource,
  services: readonly Resource[],
  references: References,
): Resource | undefined {
  if (referral.priority !== 'stat') return undefined;
  return serviceOf(services, references.target({ reception: receptionIn(task) }, 'reception'));
}

async function liaisonOf(
  department: Resource,
  organization: Target,
  { records, references, now }: ProposalSources,
): Promise<Resource | undefined> {
  const liaisons = await records.stored(
    'PractitionerRole',
    and([
      refersTo('organization', organization),
      hasConcept('role', codeSystems.practitionerFunction, 'liaison'),
    ]),
    mostLiaisons,
  );
  const inOffice = liaisons.filter(
    (role) => role.active !== false && isWithin(elements(role, 'period')[0], now),
  );
  const own = { type: 'HealthcareService', id: department.id! };
  const specialties = codesOf(department, 'specialty', codeSystems.specialty);
  return (
    inOffice.find((role) =>
      references.targets(role, 'healthcareService').some((each) => isSame(each, own)),
    ) ??
    inOffice.find((role) =>
      codesOf(role, 'specialty', codeSystems.specialty).some((code) => specialties.includes(code)),
    )
  );
}
