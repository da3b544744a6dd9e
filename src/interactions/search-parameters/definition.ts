import { createHash } from 'node:crypto';
import type { Resource } from '../../fhir/resource.ts';

/** A SearchParameter that can be indexed by: what the guard has let through. */
export interface SearchParameterDefinition extends Resource {
  url: string;
  code: string;
  base: string[];
  type: string;
}

const none = new Set(['Bundle', 'Binary', 'Parameters']);

/** The types of resources that a SearchParameter is for. */
export function basesOf({ base }: SearchParameterDefinition, resourceTypes: readonly string[]): string[] {
  return resourceTypes.filter(
    (type) =>
      base.includes(type) ||
      base.includes('Resource') ||
      (base.includes('DomainResource') && !none.has(type)),
  );
}

/** Tells two definitions apart that would not find the same: what is only said about them does not count. */
export function fingerprint({ url, code, base, type, expression, target, component }: Resource): string {
  const meaning = JSON.stringify([url, code, base, type, expression, target, component]);
  return createHash('sha256').update(meaning).digest('base64url').slice(0, 22);
}
