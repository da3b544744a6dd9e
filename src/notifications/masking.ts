import { elements, extension, string } from '../fhir/elements.ts';
import type { Text } from '../fhir/outcome.ts';
import type { Element, Resource } from '../fhir/resource.ts';
import type { Seal, Secrets } from './secrets.ts';
import { extensions, mask } from './vocabulary.ts';

/** A Subscription without what is secret in it. */
export interface Hidden {
  resource: Resource;
  /** Whether the secrets are those of the version before. */
  isSame: boolean;
}

/**
 * Seals the header values and the signing secret of a Subscription and puts a mask in their places, so that none is read,
 * found or told of again. Where the mask itself is sent, as by a client that changes what it has read, the secret before
 * stays; a mask without one before is a problem.
 */
export function hide(resource: Resource, previous: Resource | null, seal: Seal): Hidden | { problem: Text } {
  const [channel = {}] = elements(resource, 'channel');
  const before = secretsOf(previous, seal);
  const headers: string[] = [];
  const masked: string[] = [];
  for (const header of headersOf(channel)) {
    const { name, value } = nameAndValue(header);
    const kept = value === mask ? before?.headers.find((each) => isNamed(each, name)) : header;
    if (kept === undefined) return { problem: unknownMask(name) };
    headers.push(kept);
    masked.push(`${name}: ${mask}`);
  }
  const sent = string(extension(channel, extensions.secret), 'valueString');
  const secret = sent === mask ? before?.secret : sent;
  if (sent !== undefined && secret === undefined) return { problem: unknownMask('signing-secret') };

  const secrets: Secrets = { headers, ...(secret !== undefined && { secret }) };
  const isSame = JSON.stringify(secrets) === JSON.stringify(before ?? { headers: [] });
  const isNone = headers.length === 0 && secret === undefined;
  const sealed = isSame ? sealedIn(previous) : seal.seal(secrets);
  const own: ReadonlySet<unknown> = new Set([extensions.secret, extensions.sealed]);
  const extended = [
    ...elements(channel, 'extension').filter(({ url }) => !own.has(url)),
    ...(secret === undefined ? [] : [{ url: extensions.secret, valueString: mask }]),
    ...(isNone || sealed === undefined ? [] : [{ url: extensions.sealed, valueBase64Binary: sealed }]),
  ];
  const { extension: _, header: __, ...members } = channel;
  return {
    isSame,
    resource: {
      ...resource,
      channel: {
        ...(extended.length > 0 && { extension: extended }),
        ...members,
        ...(masked.length > 0 && { header: masked }),
      },
    },
  };
}

/** A header as it is written in `channel.header`. */
export function nameAndValue(header: string): { name: string; value: string } {
  const colon = header.indexOf(':');
  return { name: header.slice(0, colon).trim(), value: header.slice(colon + 1).trim() };
}

export function headersOf(channel: Element | undefined): string[] {
  const header = channel?.header;
  return Array.isArray(header) ? header.filter((each) => typeof each === 'string') : [];
}

function secretsOf(resource: Resource | null, seal: Seal): Secrets | undefined {
  const sealed = sealedIn(resource);
  return sealed === undefined ? undefined : seal.open(sealed);
}

function sealedIn(resource: Resource | null): string | undefined {
  const [channel] = elements(resource, 'channel');
  return string(extension(channel, extensions.sealed), 'valueBase64Binary');
}

function isNamed(header: string, name: string): boolean {
  return nameAndValue(header).name.toLowerCase() === name.toLowerCase();
}

function unknownMask(name: string): Text {
  return {
    zh: `「${name}: ${mask}」只是掩码,服务器没有先前的值;请发送完整的值`,
    en: `"${name}: ${mask}" is a mask, and there is no value before it; send the whole value`,
  };
}
