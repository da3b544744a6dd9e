import { isElement, isResource } from '../../resource.ts';
import { type Item, type Items, Node, nodeOf, optional, rawOf, stringOf, truth, typeOf } from '../node.ts';
import type { Scope, Services } from '../scope.ts';
import { unknownType } from '../types.ts';
import { Unsupported } from '../unsupported.ts';
import { type FunctionTable, plain, withValue } from './function.ts';

/**
 * What FHIR adds that needs more than the data (http://hl7.org/fhir/R4/fhirpath.html#functions): other resources, value
 * sets, profiles. Whoever evaluates gives them along with the variables.
 */
export const serviceFunctions: FunctionTable = {
  resolve: plain((items, scope) => items.flatMap((item) => resolved(item, scope))),
  memberOf: withValue((items, url, scope) => judged(items, url!, scope, 'memberOf')),
  conformsTo: withValue((items, url, scope) => judged(items, url!, scope, 'conformsTo')),
};

function resolved(item: Item, scope: Scope): Items {
  const value = rawOf(item);
  const reference = isElement(value) ? value.reference : value;
  if (typeof reference !== 'string') return [];
  const resource = servicesOf(scope).resolve(reference);
  return optional(isResource(resource) ? nodeOf(resource, unknownType) : undefined);
}

function judged(items: Items, url: Items, scope: Scope, name: 'memberOf' | 'conformsTo'): Items {
  const canonical = stringOf(url);
  const [item, ...others] = items;
  if (item === undefined || others.length > 0 || canonical === undefined) return [];
  const services = servicesOf(scope);
  const value = rawOf(item);
  const type = isResource(value) ? value.resourceType : item instanceof Node ? typeOf(item).name : '';
  return truth(services[name](canonical, value, type));
}

function servicesOf({ services }: Scope): Services {
  if (!services) throw new Unsupported('A function that looks beyond the data');
  return services;
}
