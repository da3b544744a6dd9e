import { createHash } from 'node:crypto';

/**
 * What a browser may do with a page: show it, with its own style. It loads nothing, runs nothing, sends nothing, and stands
 * in no other page (https://www.w3.org/TR/CSP3).
 *
 * @param style the text of its one style element
 */
export function pagePolicyOf(style: string): string {
  return [
    "default-src 'none'",
    `style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}
