import { elements, extension, string } from '../fhir/elements.ts';
import type { Issue, Text } from '../fhir/outcome.ts';
import type { Element, Resource } from '../fhir/resource.ts';
import { headersOf, nameAndValue } from './masking.ts';
import { channelTypes, contents, isTopicUrl } from './subscription.ts';
import type { Targets } from './targets.ts';
import { extensions } from './vocabulary.ts';

/** So many headers a subscription may have, each of so many characters. */
const mostHeaders = 20;
const longestHeader = 4_096;
/** A secret has so many characters at least, as RFC 2104 wants of a key. */
const shortestSecret = 24;
const longestText = 4_000;
const mostFilters = 20;

const mimes: ReadonlySet<string> = new Set(['application/fhir+json', 'application/json', 'text/json']);
const xmlMimes: ReadonlySet<string> = new Set(['application/fhir+xml', 'application/xml', 'text/xml']);

/** Headers that are the connection's, or the server's own to say. */
const reserved =
  /^(?:host|connection|content-.*|transfer-encoding|te|trailer|upgrade|keep-alive|expect|proxy-.*|webhook-.*|x-request-id)$/i;
const headerName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
// Visible characters, blanks and tabs (RFC 9110, 5.5): no line break that would begin another header.
const headerValue = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Whether notifications of this media type are XML. */
export function isXmlMime(mime: string | undefined): boolean {
  return xmlMimes.has(plain(mime ?? ''));
}

/** What of a Subscription the server cannot or may not do, beside its criteria. */
export function problemsOf(resource: Resource, targets: Targets): Issue[] {
  const [channel] = elements(resource, 'channel');
  return [
    ...problemsOfChannel(channel, targets),
    ...problemsOfPayload(resource, channel),
    ...problemsOfSecrets(channel),
    ...((string(resource, 'criteria') ?? '').length > longestText
      ? [issue('Subscription.criteria', tooLong(longestText))]
      : []),
    ...problemsOfFilters(resource),
  ];
}

function problemsOfChannel(channel: Element | undefined, targets: Targets): Issue[] {
  const type = string(channel, 'type');
  const custom = elements(channel?._type as Element | undefined, 'extension').find(
    ({ url }) => url === extensions.channelType,
  );
  if (custom || !channelTypes.some((each) => each === type))
    return [
      issue('Subscription.channel.type', {
        zh: `不支持通道「${custom ? '自定义' : type}」;可用:${channelTypes.join('、')}`,
        en: `the channel "${custom ? 'custom' : type}" is not supported; there are: ${channelTypes.join(', ')}`,
      }),
    ];
  const endpoint = string(channel, 'endpoint');
  if (type === 'websocket') return [];
  if (endpoint === undefined)
    return [
      issue('Subscription.channel.endpoint', {
        zh: '须给出接收地址',
        en: 'the address to send to is needed',
      }),
    ];
  const problem = endpoint.length > longestText ? tooLong(longestText) : targets.problem(endpoint);
  return problem ? [issue('Subscription.channel.endpoint', problem)] : [];
}

function problemsOfPayload(resource: Resource, channel: Element | undefined): Issue[] {
  const issues: Issue[] = [];
  const mime = string(channel, 'payload');
  const isTopic = isTopicUrl(string(resource, 'criteria') ?? '');
  const content = extension(channel?._payload as Element | undefined, extensions.content);
  const given = content?.valueCode;
  if (content && !contents.some((each) => each === given))
    issues.push(
      issue('Subscription.channel.payload', {
        zh: `不支持内容「${String(given)}」;可用:${contents.join('、')}`,
        en: `the content "${String(given)}" is not supported; there are: ${contents.join(', ')}`,
      }),
    );
  if (mime !== undefined && !mimes.has(plain(mime)) && !xmlMimes.has(plain(mime)))
    issues.push(
      issue('Subscription.channel.payload', {
        zh: `不支持媒体类型「${mime}」;可用:application/fhir+json、application/fhir+xml`,
        en: `the media type "${mime}" is not supported; there are application/fhir+json, application/fhir+xml`,
      }),
    );
  const version = /;\s*fhirVersion=([\d.]+)/i.exec(mime ?? '')?.[1];
  if (version !== undefined && !version.startsWith('4.0'))
    issues.push(
      issue('Subscription.channel.payload', {
        zh: `不支持 FHIR 版本 ${version};只有 4.0`,
        en: `FHIR ${version} is not supported; there is 4.0`,
      }),
    );
  if (isTopic && mime === undefined)
    issues.push(
      issue('Subscription.channel.payload', {
        zh: '按主题订阅须给出媒体类型,如 application/fhir+json',
        en: 'a subscription to a topic needs a media type, such as application/fhir+json',
      }),
    );
  return issues;
}

function problemsOfSecrets(channel: Element | undefined): Issue[] {
  const headers = headersOf(channel);
  const isWrong = (header: string) => {
    const { name, value } = nameAndValue(header);
    return (
      header.length > longestHeader ||
      !headerName.test(name) ||
      !headerValue.test(value) ||
      reserved.test(name)
    );
  };
  const issues =
    headers.length > mostHeaders || headers.some(isWrong)
      ? [
          issue('Subscription.channel.header', {
            zh: `请求头须为「名称: 值」,至多 ${mostHeaders} 个,且不得为 Host、Content-Type 等由服务器写入者`,
            en: `a header is "Name: value", ${mostHeaders} at most, and none that the server writes, such as Host or Content-Type`,
          }),
        ]
      : [];
  const secret = extension(channel, extensions.secret)?.valueString;
  if (typeof secret === 'string' && secret !== '***' && secret.length < shortestSecret)
    issues.push(
      issue('Subscription.channel.extension', {
        zh: `签名密钥至少 ${shortestSecret} 个字符`,
        en: `a signing secret has ${shortestSecret} characters at least`,
      }),
    );
  return issues;
}

function problemsOfFilters(resource: Resource): Issue[] {
  const filters = elements(resource._criteria as Element | undefined, 'extension').filter(
    ({ url }) => url === extensions.filter,
  );
  if (filters.length > mostFilters) return [issue('Subscription.criteria', tooLong(mostFilters))];
  return filters.length > 0 && !isTopicUrl(string(resource, 'criteria') ?? '')
    ? [
        issue('Subscription.criteria', {
          zh: '筛选条件只用于主题;按检索订阅时请写在 criteria 中',
          en: 'filters go with a topic; in a subscription to a search they are part of the criteria',
        }),
      ]
    : [];
}

/** A media type without its parameters. */
function plain(mime: string): string {
  return mime.split(';', 1)[0]!.trim().toLowerCase();
}

function tooLong(most: number): Text {
  return { zh: `超过 ${most}`, en: `more than ${most}` };
}

function issue(place: string, text: Text): Issue {
  return { severity: 'error', code: 'not-supported', text, expression: [place] };
}
