import type { Definitions } from '../../fhir/definitions/definitions.ts';
import type { Issue } from '../../fhir/outcome.ts';
import type { Resource } from '../../fhir/resource.ts';
import type { SearchParameters } from '../../fhir/search/parameters.ts';
import type { Finding, Guard } from '../guard.ts';
import { basesOf, fingerprint, type SearchParameterDefinition } from './definition.ts';

/** What a SearchParameter is judged by. */
export interface SearchParameterGuardParts {
  definitions: Definitions;
  /** The search parameters in force. */
  readonly current: SearchParameters;
}

/**
 * The guard of SearchParameters: an active one is to be searched by, so it must be one that resources can be indexed by,
 * and must not take the name or the place of another (http://hl7.org/fhir/R4/searchparameter.html). Refused with 422.
 */
export function createSearchParameterGuard(parts: SearchParameterGuardParts): Guard {
  return async ({ changes }) => {
    const findings = changes.flatMap(({ type, resource }, change): Finding[] => {
      if (type !== 'SearchParameter' || resource?.status !== 'active') return [];
      const issue = problemOf(resource, parts);
      return issue ? [{ ...issue, change }] : [];
    });
    return { findings, keep: [] };
  };
}

function problemOf(
  resource: Resource,
  { definitions, current: parameters }: SearchParameterGuardParts,
): Issue | undefined {
  const definition = resource as SearchParameterDefinition;
  const known = definitions.find('SearchParameter', definition.url);
  if (known) {
    if (fingerprint(known) === fingerprint(definition)) return undefined;
    return problem(
      'url',
      'business-rule',
      `服务器已定义 ${definition.url}`,
      `${definition.url} is defined by the server`,
    );
  }
  if (definition.code.startsWith('_'))
    return problem(
      'code',
      'business-rule',
      '以 _ 开头的名称保留给 FHIR',
      'names that start with _ are reserved by FHIR',
    );
  try {
    parameters.with(definition);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return problem(
      undefined,
      'invalid',
      `无法按此查询:${error.message}`,
      `it cannot be searched by: ${error.message}`,
    );
  }
  return basesOf(definition, parameters.resourceTypes).length > 0
    ? undefined
    : problem('base', 'value', 'base 中没有资源类型', 'there is no type of resource among its bases');
}

function problem(member: string | undefined, code: Issue['code'], zh: string, en: string): Issue {
  return {
    severity: 'error',
    code,
    text: { zh, en },
    expression: [member ? `SearchParameter.${member}` : 'SearchParameter'],
  };
}
