import type { Coding, Meta } from '../../fhir/resource.ts';

/** What `$meta` and its siblings are about: the profiles, security labels and tags among the metadata. */
export interface Labels {
  profile?: string[];
  security?: Coding[];
  tag?: Coding[];
}

/** The labels of a resource's metadata, or of a Meta that a client sent. */
export function labelsOf({ profile, security, tag }: Meta = {}): Labels {
  return {
    ...(profile?.length && { profile }),
    ...(security?.length && { security }),
    ...(tag?.length && { tag }),
  };
}

/**
 * The labels of both. "Profiles, tags, and security labels are sets, and duplicates are not created. The identity of a
 * tag or security label is the system+code. … version and display are ignored"
 * (http://hl7.org/fhir/R4/resource-operation-meta-add.html).
 */
export function withLabels(labels: Labels, more: Labels): Labels {
  return labelsOf({
    profile: union(labels.profile, more.profile, (url) => url),
    security: union(labels.security, more.security, identity),
    tag: union(labels.tag, more.tag, identity),
  });
}

/** The first without the second: "it is not an error if these tags, profiles, and labels do not exist". */
export function withoutLabels(labels: Labels, fewer: Labels): Labels {
  return labelsOf({
    profile: difference(labels.profile, fewer.profile, (url) => url),
    security: difference(labels.security, fewer.security, identity),
    tag: difference(labels.tag, fewer.tag, identity),
  });
}

function identity({ system, code }: Coding): string {
  return `${system ?? ''}|${code ?? ''}`;
}

function union<T>(some: readonly T[] = [], more: readonly T[] = [], key: (item: T) => string): T[] {
  const known = new Set<string>();
  return [...some, ...more].filter((item) => {
    const isNew = !known.has(key(item));
    known.add(key(item));
    return isNew;
  });
}

function difference<T>(some: readonly T[] = [], fewer: readonly T[] = [], key: (item: T) => string): T[] {
  const gone = new Set(fewer.map(key));
  return some.filter((item) => !gone.has(key(item)));
}
