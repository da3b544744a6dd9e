import { placesOf } from './matching.js';

/** As many places are shown. */
const most = 40;

const input = /** @type {HTMLInputElement} */ (document.getElementById('search'));
const found = /** @type {HTMLElement} */ (document.getElementById('found'));
const { places: address = '', none = '', more = '' } = found.dataset;

/** @type {Promise<import('./matching.js').Place[]> | undefined} */
let loading;

/** The places of the guide, asked for once, when somebody is about to search. */
function places() {
  loading = loading || fetch(address).then((response) => response.json());
  return loading;
}

async function search() {
  const query = input.value;
  const all = query.trim() === '' ? [] : placesOf(await places(), query);
  // While the places came, somebody may have gone on writing.
  if (query === input.value) show(all);
}

/** @param {readonly import('./matching.js').Place[]} all */
function show(all) {
  const isAsked = input.value.trim() !== '';
  found.hidden = !isAsked;
  found.textContent = isAsked && all.length === 0 ? none : '';
  if (all.length === 0) return;
  const list = document.createElement('ul');
  for (const [title, chapter, place] of all.slice(0, most)) {
    const link = document.createElement('a');
    link.href = place;
    link.textContent = title;
    const item = document.createElement('li');
    const small = document.createElement('small');
    small.textContent = chapter;
    item.append(link, ' ', small);
    list.append(item);
  }
  found.append(list);
  if (all.length > most) found.append(more.replace('{n}', String(all.length - most)));
}

input.disabled = false;
input.addEventListener('focus', () => void places());
input.addEventListener('input', () => void search());
input.addEventListener('keydown', (event) => {
  const first = found.querySelector('a');
  if (event.key === 'Enter' && first) first.click();
  if (event.key !== 'Escape') return;
  input.value = '';
  show([]);
});
// A place on this very page is gone to without leaving it.
found.addEventListener('click', (event) => {
  if (event.target instanceof HTMLAnchorElement) found.hidden = true;
});
