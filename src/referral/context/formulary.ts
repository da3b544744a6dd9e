import { elements, extension } from '../../fhir/elements.ts';
import type { Resource } from '../../fhir/resource.ts';
import type { References } from '../reference.ts';
import { extensions } from '../vocabulary.ts';
import type { Records } from './records.ts';

/** A bound on the medicines of a formulary that are resources of their own. */
const mostMedications = 2_000;

/**
 * What an institution stocks (药物目录): the List that its extension `formulary` names, and the Medications that the
 * entries of the List refer to. Nothing where it names none, or a List that is not current.
 */
export async function findFormulary(
  records: Records,
  references: References,
  organization: Resource | undefined,
): Promise<Resource[]> {
  const target = references.target(extension(organization, extensions.formulary), 'valueReference', 'List');
  const list = target && (await records.find(target));
  if (list?.status !== 'current') return [];
  const stocked = elements(list, 'entry').filter(({ deleted }) => deleted !== true);
  const ids = stocked.flatMap((entry) =>
    references.targets(entry, 'item').flatMap(({ type, id }) => (type === 'Medication' ? id : [])),
  );
  const medications = await records.findAll('Medication', ids.slice(0, mostMedications));
  return [{ ...list, entry: stocked }, ...medications];
}
