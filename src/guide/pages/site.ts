import { readdirSync, readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadInitials } from '../../fhir/terminology/initials.ts';
import { examplePages } from './examples.ts';
import { firstPage, missingPage } from './first-page.ts';
import { type Language, languages } from './language.ts';
import { addressOf, documentOf } from './layout.ts';
import { operationPages } from './operations.ts';
import type { Page } from './page.ts';
import { placesIn } from './places.ts';
import { profilePages } from './profiles.ts';
import { rulePages } from './rules.ts';
import { readSource, type Source } from './source.ts';
import { terminologyPages } from './terminology.ts';
import { workflowPages } from './workflow.ts';

/** A file of the guide as it is served. */
export interface SiteFile {
  type: string;
  text: string;
}

const browser = fileURLToPath(new URL('../browser/', import.meta.url));
const types: Readonly<Record<string, string>> = { '.css': 'text/css', '.js': 'text/javascript' };

/**
 * The whole guide to read: every page in every language, the scripts and styles, and the examples as files, by their
 * addresses. The same data give the same files.
 *
 * @param base the path of the API, `/fhir`
 */
export async function site(base: string, source: Source = readSource()): Promise<Map<string, SiteFile>> {
  const files = new Map<string, SiteFile>();
  const initials = await loadInitials();
  for (const language of languages) {
    const pages = pagesIn(language, base, source);
    for (const page of pages)
      files.set(addressOf(page.path, language), { type: 'text/html', text: documentOf(page, language) });
    const places = JSON.stringify(placesIn(pages, language, initials));
    files.set(`/docs/files/places-${language}.json`, { type: 'application/json', text: places });
  }
  for (const file of readdirSync(browser)) {
    const type = types[extname(file)];
    if (type) files.set(`/docs/files/${file}`, { type, text: readFileSync(browser + file, 'utf8') });
  }
  for (const { name, text } of source.examples)
    files.set(`/docs/files/examples/${name}.json`, { type: 'application/json', text });
  return files;
}

/** All pages in a language. */
export function pagesIn(language: Language, base: string, source: Source): Page[] {
  return [
    firstPage(base, language),
    ...rulePages(source, language),
    ...workflowPages(source, language),
    ...profilePages(source, base, language),
    ...terminologyPages(source, base, language),
    ...operationPages(source, base, language),
    ...examplePages(source, language),
    missingPage(language),
  ];
}
