import { isDeepStrictEqual } from 'node:util';
import { elements, string } from '../../fhir/elements.ts';
import type { Element, Resource } from '../../fhir/resource.ts';
import { extensions } from '../vocabulary.ts';

/**
 * The extension by which a referral says that a version of a definition judged it: its canonical URL with the version
 * that its author gives, and the `versionId` under which the server has it, which no two texts share.
 */
export function judgedByExtension(definition: Resource): Element {
  const url = string(definition, 'url') ?? `${definition.resourceType}/${definition.id}`;
  const version = string(definition, 'version');
  const versionId = definition.meta?.versionId;
  return {
    url: extensions.judgedBy,
    extension: [
      { url: 'definition', valueCanonical: version === undefined ? url : `${url}|${version}` },
      ...(versionId === undefined ? [] : [{ url: 'versionId', valueId: versionId }]),
    ],
  };
}

/** A referral as it says by which versions it was judged, whatever a client wrote there. */
export function withJudgedBy(referral: Resource, judgedBy: readonly Element[]): Resource {
  const present = elements(referral, 'extension');
  if (isDeepStrictEqual(present.filter(isJudgedBy), judgedBy)) return referral;
  const all = [...present.filter((each) => !isJudgedBy(each)), ...judgedBy];
  if (all.length > 0) return { ...referral, extension: all };
  const { extension: _, ...rest } = referral;
  return rest as Resource;
}

/** What a referral says of the versions that judged it. */
export function judgedByOf(referral: Resource | null): Element[] {
  return elements(referral, 'extension').filter(isJudgedBy);
}

function isJudgedBy({ url }: Element): boolean {
  return url === extensions.judgedBy;
}
