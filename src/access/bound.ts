import { compartmentFilter, compartmentTypes } from '../fhir/search/compartments.ts';
import { parseSearch, type SearchServer } from '../fhir/search/parse.ts';
import { all, and, none, or, type Query } from '../fhir/search/query.ts';
import { type Actor, isPatientThemselves } from '../interactions/actor.ts';
import { parseQuery } from '../interactions/request.ts';
import type { InteractionCode } from '../interactions/route.ts';
import { type Part, permits } from './identity/scopes.ts';
import { kindOf } from './types.ts';

/**
 * What the token of an actor permits an interaction to reach of a type, as a search filter: what its scopes do, and of one
 * patient alone where a scope is `patient/…`, or where the patient asks.
 */
export function boundOf(
  server: SearchServer,
  actor: Actor,
  interaction: InteractionCode,
  type: string,
): Query {
  const permission = permits(actor.scopes, interaction, type);
  const own = () => (actor.patient === undefined ? none : ofPatient(server, type, actor.patient));
  const partQuery = ({ criteria, ofPatient: isOwn }: Part) =>
    and([
      criteria === undefined
        ? all
        : parseSearch(server, type, parseQuery(criteria), { handling: 'strict' }).filter,
      isOwn ? own() : all,
    ]);
  const bound = permission === 'all' ? all : permission === 'none' ? none : or(permission.map(partQuery));
  return isPatientThemselves(actor) ? and([bound, own()]) : bound;
}

/**
 * The resources of a type that are of one patient (`Patient/[id]`): those of the compartment
 * (http://hl7.org/fhir/R4/compartmentdefinition-patient.html), and Tasks for the patient, which R4 has outside of it. Directories and
 * definitions are of nobody, and so are there for each. Others' records that only point to the patient are not the
 * patient's: a Patient that is linked, a Group of many.
 */
function ofPatient(server: SearchServer, type: string, patient: string): Query {
  const id = patient.slice('Patient/'.length);
  const kind = kindOf(type);
  if (kind === 'door' || type === 'Group') return none;
  if (kind !== 'record') return all;
  if (type === 'Patient') return { kind: 'id', ids: [id] };
  return compartmentTypes(server, 'Patient').includes(type)
    ? compartmentFilter(server, 'Patient', id, type)
    : { kind: 'term', term: `patient|>${patient}` };
}
