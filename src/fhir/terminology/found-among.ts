import type { Entry } from './concept.ts';
import { loadInitials } from './initials.ts';
import { isFoundBy, type TypedText } from './typed-text.ts';

/** Those of some things whose concepts are found by a typed text; all, where there is none. */
export async function* foundAmong<T>(
  things: Iterable<T>,
  conceptOf: (thing: T) => Entry,
  typed: TypedText | undefined,
): AsyncGenerator<T> {
  const initialsOf = typed?.isLetters ? await loadInitials() : () => '';
  for (const thing of things) {
    const concept = conceptOf(thing);
    if (!typed || isFoundBy(typed, concept, () => initialsOf(concept.display ?? ''))) yield thing;
  }
}
