import { isElement } from '../../resource.ts';
import { childrenNamed, childrenOf } from '../navigate.ts';
import { type Item, type Items, Node, rawOf, stringOf } from '../node.ts';
import { type Scope, spend } from '../scope.ts';
import { type FunctionTable, plain, withValue } from './function.ts';

/** Ways through the tree (http://hl7.org/fhirpath/N1/#tree-navigation, http://hl7.org/fhir/R4/fhirpath.html#functions). */
export const navigation: FunctionTable = {
  children: plain(children),
  descendants: plain((items, scope) => {
    const result: Item[] = [];
    for (let level = children(items, scope); level.length > 0; level = children(level, scope))
      for (const item of level) result.push(item);
    return result;
  }),
  extension: withValue((items, url, scope) => {
    const wanted = stringOf(url!);
    if (wanted === undefined) return [];
    return childrenNamed(items, 'extension', scope).filter((item) => {
      const extension = rawOf(item);
      return isElement(extension) && extension.url === wanted;
    });
  }),
};

function children(items: Items, scope: Scope): Items {
  const result: Item[] = [];
  for (const item of items) if (item instanceof Node) childrenOf(item, result);
  spend(scope, items.length + result.length);
  return result;
}
