import { codings, elements, string } from '../../fhir/elements.ts';
import type { Element, Resource } from '../../fhir/resource.ts';
import { and } from '../../fhir/search/query.ts';
import type { Records } from '../context/records.ts';
import { hasCode, refersTo } from '../queries.ts';
import { pathOf, type References } from '../reference.ts';

/** A patient has one family doctor's team, and a few other teams at most. */
const mostTeams = 20;

/** Who can be told of a Task (Task.restriction.recipient). */
const recipients: ReadonlySet<string> = new Set(['Practitioner', 'PractitionerRole', 'Organization']);

/**
 * The Task with the family doctors of its patient as those who are told (Task.restriction.recipient), unless it names
 * somebody: who the patient has contracted (Patient.generalPractitioner), and the members of a CareTeam of category
 * `family-doctor`.
 */
export async function withFamilyDoctors(
  task: Resource,
  { records, references }: { records: Records; references: References },
): Promise<Resource> {
  const [restriction] = elements(task, 'restriction');
  const target = references.target(task, 'for', 'Patient');
  if (!target || elements(restriction, 'recipient').length > 0) return task;
  const patient = await records.find(target);
  const teams = records.isNew(target)
    ? records.submitted('CareTeam')
    : await records.stored(
        'CareTeam',
        and([refersTo('patient', target), hasCode('status', 'active')]),
        mostTeams,
      );
  const members = teams
    .filter((team) => codings(team, 'category').some(({ code }) => code === 'family-doctor'))
    .flatMap((team) => elements(team, 'participant').flatMap((each) => elements(each, 'member')));
  const told = new Map<string, Element>();
  for (const doctor of [...elements(patient, 'generalPractitioner'), ...members]) {
    const named = references.target({ doctor }, 'doctor');
    if (named && recipients.has(named.type)) told.set(pathOf(named), shown(doctor));
  }
  if (told.size === 0) return task;
  return { ...task, restriction: { ...restriction, recipient: [...told.values()] } };
}

function shown(reference: Element): Element {
  const display = string(reference, 'display');
  return { reference: reference.reference, ...(display !== undefined && { display }) };
}
