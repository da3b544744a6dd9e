import type { Definitions } from '../../fhir/definitions/definitions.ts';
import type { Coding } from '../../fhir/resource.ts';

const system = 'https://w3id.org/zhuanzhen/CodeSystem/access-role';
const conceptMap = 'https://w3id.org/zhuanzhen/ConceptMap/practitioner-function-to-access-role';

/** `ConceptMap.group` as far as roles are read from it. */
interface Group {
  source: string;
  element: { code: string; target: { code: string }[] }[];
}

/**
 * The roles that the codes of a PractitionerRole give: access roles as they are; functions as the ConceptMap of
 * `terminology/` maps them, and by their own names, which slots can be reserved for.
 */
export function createRoles(definitions: Definitions): (codings: readonly Coding[]) => string[] {
  const groups = (definitions.find('ConceptMap', conceptMap)?.group ?? []) as Group[];
  const mapped = new Map(
    groups.flatMap(({ source, element }) =>
      element.map(({ code, target }) => [`${source}|${code}`, [code, ...target.map((each) => each.code)]]),
    ),
  );
  return (codings) => {
    const roles = codings.flatMap(({ system: of, code }) =>
      typeof code !== 'string' ? [] : of === system ? [code] : (mapped.get(`${of}|${code}`) ?? []),
    );
    return [...new Set(roles)];
  };
}
