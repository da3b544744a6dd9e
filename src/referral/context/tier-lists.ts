import type { Definitions } from '../../fhir/definitions/definitions.ts';
import { elements, extension, string } from '../../fhir/elements.ts';
import type { Element, Resource } from '../../fhir/resource.ts';
import { diseaseLists, extensions } from '../vocabulary.ts';

/** The disease list of each tier (本级诊疗病种), as codes. */
export type TierLists = ReadonlyMap<string, readonly string[]>;

/** Reads the disease lists of the community, which it can replace: the codes that each ValueSet lists. */
export function readTierLists(definitions: Definitions): TierLists {
  return new Map(
    Object.entries(diseaseLists).map(([tier, url]) => [tier, listedCodes(definitions.find('ValueSet', url))]),
  );
}

/** The codes that a ValueSet lists, in its definition or its expansion. */
export function listedCodes(list: Resource | undefined): string[] {
  const included = elements(list?.compose as Element | undefined, 'include').flatMap((include) =>
    elements(include, 'concept'),
  );
  const expanded = elements(list?.expansion as Element | undefined, 'contains');
  return [...included, ...expanded].flatMap((concept) => string(concept, 'code') ?? []);
}

/** The tier of an institution: village, township, county, municipal or provincial. */
export function tierOf(organization: Resource | undefined): string | undefined {
  return string(extension(organization, extensions.institutionTier), 'valueCode');
}
