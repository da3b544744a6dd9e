import { type Refusal, refusals, refuse } from '../fhir/refusal.ts';
import { type Subset, subsetAsked } from '../fhir/search/summary.ts';
import { type Span, spanOf } from '../fhir/search/time.ts';
import { pageOf } from '../store/page-bytes.ts';
import { takeSlices } from '../store/slices.ts';
import type { HistoryPosition, HistoryRequest, StoredVersion } from '../store/store.ts';
import { type Answer, entityTag } from './answer.ts';
import { textsOf } from './audited.ts';
import { linkTo, openPosition } from './links.ts';
import { pageBytes } from './page.ts';
import { asPoll } from './poll.ts';
import { subsetText } from './present.ts';
import type { Request } from './request.ts';
import type { Link } from './searchset.ts';
import type { ReadingServer } from './server.ts';

const defaultPageSize = 50;

/**
 * The versions of a resource, of a type, or of all types, newest first (http://hl7.org/fhir/R4/http.html#history),
 * with `_since`, `_at`, `_count` and paging. Deletions are entries without a resource.
 */
export async function history(server: ReadingServer, request: Request): Promise<Answer> {
  const { type, id } = request;
  const asked = readHistoryQuery(server, request);
  const subset = subsetAsked(request.query);
  if (type && id && !(await server.store.read(type, id))) throw refuse(refusals.notFound, [`${type}/${id}`]);

  const { size, after, ...where } = asked;
  const bytes = pageBytes(server.limits);
  const found = await server.store.history({
    ...where,
    ...(type && { types: [type] }),
    ...(id && { id }),
    ...(after && { after }),
    limit: size + 1,
    bytes,
  });
  const page = pageOf(found, ({ text }) => text, { size, bytes });
  const last = page.at(-1);
  const path = [server.base, type, id, '_history'].filter(Boolean).join('/');
  const applied = request.query.filter(([name]) => name !== '_cursor');
  const links: Link[] = [{ relation: 'self', url: linkTo(path, applied) }];
  if (found.length > page.length && last) {
    const token = server.cursor.seal({
      updated: last.updated,
      type: last.type,
      id: last.id,
      version: last.version,
    });
    links.push({ relation: 'next', url: linkTo(path, [...applied, ['_cursor', token]]) });
  }
  return asPoll(request, {
    status: 200,
    json: await historyBundle(server, links, page, subset),
    ...(subset && { about: textsOf(page) }),
  });
}

interface HistoryQuery extends Pick<HistoryRequest, 'types' | 'since' | 'at'> {
  size: number;
  after?: HistoryPosition;
}

function readHistoryQuery(server: ReadingServer, request: Request): HistoryQuery {
  const asked: HistoryQuery = { size: Math.min(defaultPageSize, server.limits.maxPageSize) };
  for (const [name, value] of request.query) {
    if (value === '') continue;
    switch (name) {
      case '_since':
        asked.since = time(name, value).low;
        break;
      case '_at':
        asked.at = time(name, value);
        break;
      case '_count':
        asked.size = Math.min(count(value), server.limits.maxPageSize);
        break;
      case '_type':
        if (request.type !== undefined) throw unknown(request, name);
        asked.types = [...(asked.types ?? []), ...typesOf(server, value)];
        break;
      case '_summary':
      case '_elements':
        break;
      case '_cursor':
        asked.after = openPosition(server.cursor, value);
        break;
      default:
        if (request.prefer.handling !== 'lenient') throw unknown(request, name);
    }
  }
  return asked;
}

function unknown({ type }: Request, name: string): Refusal {
  const names = [
    '_since',
    '_at',
    '_count',
    '_summary',
    '_elements',
    ...(type === undefined ? ['_type'] : []),
  ];
  return refuse(refusals.unknownParameter, ['_history', name.slice(0, 64), names.join(', ')]);
}

function typesOf({ definitions }: ReadingServer, value: string): string[] {
  const types = value.split(',').filter((type) => type !== '');
  const wrong = types.find((type) => !definitions.resourceTypes.includes(type));
  if (wrong !== undefined)
    throw refuse(refusals.invalidParameter, [
      '_type',
      {
        zh: `不存在资源类型「${wrong.slice(0, 64)}」`,
        en: `there is no resource type "${wrong.slice(0, 64)}"`,
      },
    ]);
  return types;
}

function time(name: string, value: string): Span {
  // A `+` that was not percent-encoded arrives as a space.
  const span = spanOf(value.replace(' ', '+'));
  if (!span)
    throw refuse(refusals.invalidParameter, [
      name,
      {
        zh: `「${value.slice(0, 100)}」不是日期或时刻`,
        en: `"${value.slice(0, 100)}" is not a date or instant`,
      },
    ]);
  return span;
}

function count(value: string): number {
  if (!/^\d{1,9}$/.test(value))
    throw refuse(refusals.invalidParameter, [
      '_count',
      { zh: `「${value.slice(0, 100)}」不是整数`, en: `"${value.slice(0, 100)}" is not a whole number` },
    ]);
  return Number(value);
}

/** The JSON of a history Bundle (http://hl7.org/fhir/R4/bundle.html#history), put together from the stored texts. */
async function historyBundle(
  server: ReadingServer,
  links: readonly Link[],
  versions: readonly StoredVersion[],
  subset: Subset | undefined,
): Promise<string> {
  const { base } = server;
  const giveWay = takeSlices();
  const entries: string[] = [];
  for (const version of versions) {
    const { type, id, method, updated } = version;
    const text = version.text !== null && subset ? subsetText(server, version.text, subset) : version.text;
    const request = { method, url: method === 'POST' ? type : `${type}/${id}` };
    const status = method === 'DELETE' ? '204' : version.version === 1 ? '201' : '200';
    const response = { status, etag: entityTag(version), lastModified: new Date(updated).toISOString() };
    entries.push(
      `{"fullUrl":${JSON.stringify(`${base}/${type}/${id}`)},${text === null ? '' : `"resource":${text},`}"request":${JSON.stringify(request)},"response":${JSON.stringify(response)}}`,
    );
    await giveWay();
  }
  return `{"resourceType":"Bundle","type":"history","link":${JSON.stringify(links)}${entries.length > 0 ? `,"entry":[${entries.join(',')}]` : ''}}`;
}
