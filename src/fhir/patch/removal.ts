import {
  contentAt,
  edited,
  type Holder,
  isHolder,
  type Place,
  spliced,
  withMember,
  withoutMember,
} from './document.ts';

/**
 * The document without the element at a place and without its id and extensions; what has nothing left in it is
 * removed with it, since FHIR has no empty elements and lists.
 */
export function removed(document: Holder, place: Place): Holder {
  const last = place.at(-1);
  if (last === undefined) return {};
  const [holderPlace, key] =
    typeof last === 'number' ? [place.slice(0, -2), String(place.at(-2))] : [place.slice(0, -1), last];
  const result = edited(document, holderPlace, (holder) =>
    typeof last === 'number'
      ? withoutItem(holder, key, last)
      : withoutMember(withoutMember(holder, key), `_${key}`),
  );
  const left = contentAt({ value: result }, holderPlace)!.value as Holder;
  return holderPlace.length > 0 && Object.keys(left).length === 0 ? removed(result, holderPlace) : result;
}

function withoutItem(holder: Holder, key: string, index: number): Holder {
  return [key, `_${key}`].reduce((result, name) => {
    const list = contentAt({ value: result }, [name])?.value;
    if (!Array.isArray(list) || index >= list.length) return result;
    const rest = spliced(list, index, 1, []);
    return rest.every((item) => !isHolder(item) && item == null)
      ? withoutMember(result, name)
      : withMember(result, name, { value: rest });
  }, holder);
}
