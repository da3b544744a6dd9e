import type { RequestHandler } from 'express';
import helmet, { type HelmetOptions } from 'helmet';

/**
 * Sets the headers that are the same for every answer: those by which helmet protects browsers, asked of it once and not
 * for each answer, and `more`.
 */
export function setCommonHeaders(
  options: HelmetOptions,
  more: Readonly<Record<string, string>>,
): RequestHandler {
  const headers = [...protecting(options), ...Object.entries(more)];
  return (_, response, next) => {
    for (const [name, value] of headers) response.setHeader(name, value);
    next();
  };
}

/** The headers that helmet sets, whatever is asked. */
function protecting(options: HelmetOptions): [string, string][] {
  const headers: [string, string][] = [];
  const response = {
    setHeader: (name: string, value: string) => headers.push([name, value]),
    removeHeader: () => {},
  };
  helmet(options)({} as never, response as never, (error?: unknown) => {
    if (error) throw error;
  });
  return headers;
}
