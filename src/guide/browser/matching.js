/**
 * A place of the guide as the list of places has it: its title, its chapter, its address, and what is searched beside
 * the title.
 *
 * @typedef {readonly [title: string, chapter: string, address: string, text: string]} Place
 */

/**
 * The places that all words of a query are found in, the likeliest first: those that are called so, then those whose title
 * has the words, then the others, as they come in the guide. Case and full-width forms make no difference.
 *
 * @param {readonly Place[]} places
 * @param {string} query
 * @returns {Place[]}
 */
export function placesOf(places, query) {
  const words = folded(query).split(/\s+/).filter(Boolean);
  if (words.length === 0) return [];
  return places
    .map((place) => ({ place, rank: rankOf(place, words) }))
    .filter(({ rank }) => rank > 0)
    .sort((one, other) => other.rank - one.rank)
    .map(({ place }) => place);
}

/**
 * @param {Place} place
 * @param {readonly string[]} words
 */
function rankOf([title, , address, text], words) {
  const name = folded(title);
  const all = `${name} ${folded(text)} ${folded(address)}`;
  if (!words.every((word) => all.includes(word))) return 0;
  const called = words.join(' ');
  if (name === called || address.endsWith(`#${called}`) || address.endsWith(`/${called}`)) return 4;
  if (name.startsWith(called)) return 3;
  return words.every((word) => name.includes(word)) ? 2 : 1;
}

/** @param {string} text */
function folded(text) {
  return text.normalize('NFKC').toLowerCase().trim();
}
