import { type Digits, digits } from '../json/digits.ts';

/** Where something stands in a document: names of members and positions in lists, from the root. */
export type Place = readonly (string | number)[];

/** A value, with its source digits when it is a number that JavaScript would print in another way. */
export interface Content {
  value: unknown;
  digits?: string | undefined;
}

export type Holder = Record<string, unknown> | unknown[];

/** True of what has members or items. */
export function isHolder(value: unknown): value is Holder {
  return typeof value === 'object' && value !== null;
}

/** What stands under a name or at a position of a holder; undefined when nothing does. */
export function contentOf(holder: Holder, key: string | number): Content | undefined {
  if (!Object.hasOwn(holder, key)) return undefined;
  const value = (holder as Record<string | number, unknown>)[key];
  return { value, digits: typeof value === 'number' ? (holder as Digits)[digits]?.[key] : undefined };
}

/** What stands at a place; undefined when nothing does. */
export function contentAt(root: Content, place: Place): Content | undefined {
  let content: Content | undefined = root;
  for (const key of place)
    content = content && isHolder(content.value) ? contentOf(content.value, key) : undefined;
  return content;
}

/**
 * The document with the holder at a place replaced by what `edit` makes of it. Only the holders on the way are
 * copied: everything else is shared with the old document, which stays as it was.
 */
export function edited(root: Holder, place: Place, edit: (holder: Holder) => Holder): Holder {
  const [key, ...rest] = place;
  if (key === undefined) return edit(root);
  return withMember(root, key, {
    value: edited((root as Record<string, unknown>)[key] as Holder, rest, edit),
  });
}

/** The holder with this content under a name, or in place of the item at a position. */
export function withMember(holder: Holder, key: string | number, content: Content): Holder {
  if (Array.isArray(holder)) return spliced(holder, Number(key), 1, [content]);
  const copy: Record<string, unknown> = { ...holder, [key]: content.value };
  return remember(copy, [[String(key), content]], holder);
}

/** The holder without a member, or without the item at a position. */
export function withoutMember(holder: Holder, key: string | number): Holder {
  if (Array.isArray(holder)) return spliced(holder, Number(key), 1, []);
  const { [key]: _, ...copy } = holder;
  return copy;
}

/** The list with items taken out at a position and others put in. */
export function spliced(
  list: readonly unknown[],
  at: number,
  removed: number,
  added: readonly Content[],
): unknown[] {
  const contents = list.map((_, index) => contentOf(list as unknown[], index)!);
  contents.splice(at, removed, ...added);
  return remember(
    contents.map(({ value }) => value),
    contents.map((content, index) => [String(index), content]),
  );
}

/** Writes down the source digits of new content, and that there are some further inside. */
function remember<T extends Holder>(copy: T, contents: readonly [string, Content][], from: Digits = {}): T {
  let own: Record<string, string> | undefined = from[digits] && { ...from[digits] };
  for (const [key, content] of contents) {
    if (own) delete own[key];
    if (content.digits !== undefined) own = { ...own, [key]: content.digits };
    else if (isHolder(content.value) && digits in content.value) own ??= {};
  }
  return own ? Object.assign(copy, { [digits]: own }) : copy;
}

/** The number of values in a value; more than `limit` are not counted. */
export function sizeOf(value: unknown, limit: number): number {
  let size = 1;
  if (isHolder(value)) {
    for (const member of Object.values(value)) {
      if (size > limit) break;
      size += sizeOf(member, limit - size);
    }
  }
  return size;
}
