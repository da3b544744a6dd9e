import { refusals, refuse } from '../fhir/refusal.ts';
import type { Cursor, OperationRequest } from './operation.ts';
import { formatQuery, type QueryParameter } from './request.ts';

/** The address of a path with its query. */
export function linkTo(path: string, query: readonly QueryParameter[]): string {
  return query.length > 0 ? `${path}?${formatQuery(query)}` : path;
}

/** The address of a page of an operation: that of this request, or the one that starts at a cursor. */
export function operationLink(
  { base, type, id, parameters }: OperationRequest,
  name: string,
  cursor?: string,
): string {
  const query = [...parameters].flatMap(([parameter, values]) =>
    parameter === '_cursor' ? [] : values.map((value) => [parameter, value] as const),
  );
  if (cursor !== undefined) query.push(['_cursor', cursor]);
  return linkTo([base, type, id, name].filter((part) => part !== undefined).join('/'), query);
}

/** The position that a link of this server carries. Refuses a token that is not from one. */
export function openPosition<T>(cursor: Cursor, token: string): T {
  const position = cursor.open(token);
  if (!position)
    throw refuse(refusals.invalidParameter, [
      '_cursor',
      { zh: '不是本服务器给出的链接中的值', en: 'it is not from a link of this server' },
    ]);
  return position as T;
}
