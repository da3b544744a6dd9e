import { isOfPatient, type Scope } from '../../interactions/actor.ts';
import type { InteractionCode } from '../../interactions/route.ts';

/** What one scope permits of a type. */
export interface Part {
  /** What this search finds, written as in an address (`status=active&category=vital-signs`); absent: all of it. */
  criteria?: string;
  /** What is of the patient of the launch alone. */
  ofPatient?: true;
}

/** What scopes permit of a type: nothing, all of it, or what at least one of these parts is. */
export type Permission = 'none' | 'all' | readonly Part[];

const smart =
  /^(system|user|patient)\/(\*|[A-Z][A-Za-z]{0,63})\.(?:(read|write|\*)|(c?r?u?d?s?)(?:\?([^\s"\\]{1,500}))?)$/;

/** The permissions of version 1, in letters of version 2. */
const version1 = { read: 'rs', write: 'cud', '*': 'cruds' } as const;

/** What each interaction needs; an operation is held to what it reads and writes, beyond being called. */
const needs: Partial<Record<InteractionCode, string>> = {
  create: 'c',
  read: 'r',
  vread: 'r',
  'history-instance': 'r',
  update: 'u',
  patch: 'u',
  delete: 'd',
  'search-type': 's',
  'search-system': 's',
  'history-type': 's',
  'history-system': 's',
  operation: 'r',
};

/**
 * Takes a scope of SMART App Launch apart: that of version 2 (`system/ServiceRequest.rs?status=active`) or of version 1
 * (`user/*.read`). Undefined for what is none.
 */
export function parseScope(text: string): Scope | undefined {
  const [, context, type, old, letters, filter] = smart.exec(text) ?? [];
  const permissions = old ? version1[old as keyof typeof version1] : letters;
  if (!context || !type || !permissions) return undefined;
  return { context: context as Scope['context'], type, permissions, ...(filter && { filter }) };
}

/** The text of a scope, in the form of version 2. */
export function formatScope({ context, type, permissions, filter }: Scope): string {
  return `${context}/${type}.${permissions}${filter ? `?${filter}` : ''}`;
}

/** The SMART scopes among those of a token, with spaces between; others, such as `openid`, say nothing of resources. */
export function parseScopes(text: string): Scope[] {
  return text
    .split(' ')
    .map(parseScope)
    .filter((scope) => scope !== undefined);
}

/** Whether a scope names what is restricted: `user/Condition.rs?_security=http://…/v3-Confidentiality|R`. */
export function isSensitive({ filter }: Scope): boolean {
  return filter !== undefined && /(?:^|&)_security=[^&]*\b[RV]\b/.test(filter);
}

/**
 * Whether one scope permits at least what another does, as far as it is plain: the same filter, or none. One that names
 * sensitive categories permits more than one without a filter: only the same covers it.
 */
export function covers(wider: Scope, narrower: Scope): boolean {
  return (
    // Whoever may ask for a person may ask for one patient of theirs.
    (wider.context === narrower.context || (wider.context === 'user' && isOfPatient(narrower))) &&
    (wider.type === '*' || wider.type === narrower.type) &&
    [...narrower.permissions].every((letter) => wider.permissions.includes(letter)) &&
    (wider.filter === narrower.filter
      ? wider.filter === undefined || wider.type !== '*'
      : wider.filter === undefined && !isSensitive(narrower))
  );
}

/**
 * What scopes permit an interaction to do on a type (https://hl7.org/fhir/smart-app-launch/scopes-and-launch-context.html).
 * Without scopes there is no bound by them. Interactions on the system as a whole are asked for type by type.
 */
export function permits(
  scopes: readonly Scope[] | undefined,
  interaction: InteractionCode,
  type: string,
): Permission {
  const letter = needs[interaction];
  if (scopes === undefined || letter === undefined) return 'all';
  const parts: Part[] = [];
  for (const scope of scopes) {
    if ((scope.type !== '*' && scope.type !== type) || !scope.permissions.includes(letter)) continue;
    if (scope.filter === undefined && !isOfPatient(scope)) return 'all';
    parts.push({
      ...(scope.filter !== undefined && { criteria: scope.filter }),
      ...(isOfPatient(scope) && { ofPatient: true }),
    });
  }
  return parts.length === 0 ? 'none' : parts;
}
