import type { Html } from '../../html/html.ts';

/** A page of the guide in one language. */
export interface Page {
  /** Below the language, without a slash before it: `rules`, `profiles/up-referral`; empty for the first page. */
  path: string;
  title: string;
  body: Html;
  /** The name of the chapter that it belongs to. */
  chapter: string;
  /** Scripts of `src/guide/browser/` that it runs, beside those of every page. */
  scripts?: readonly string[];
  /** What can be found on it by searching. */
  finds: readonly Find[];
}

/** A place that searching leads to. */
export interface Find {
  title: string;
  /** What is searched beside the title. */
  text: string;
  /** The id of the place on its page; empty for the page itself. */
  anchor?: string;
}
