import { refuse } from '../../../fhir/refusal.ts';
import { intakeRefusals } from '../refusals.ts';

/** What encodings are called in a `charset`; GBK and GB2312 are parts of GB18030. */
const encodings: Readonly<Record<string, string>> = {
  'utf-8': 'utf-8',
  utf8: 'utf-8',
  'us-ascii': 'utf-8',
  gb18030: 'gb18030',
  gbk: 'gb18030',
  gb2312: 'gb18030',
  cp936: 'gb18030',
  'utf-16': 'utf-16le',
  'utf-16le': 'utf-16le',
  'utf-16be': 'utf-16be',
};

/**
 * The text of a body: in the encoding that its mark at the beginning (BOM) says, else its `charset`, else in UTF-8 where
 * it is that, and in GB18030 where it is not. Refuses with 400 what is no text, and with 415 another charset.
 */
export function decode(bytes: Uint8Array, charset: string | undefined): string {
  const stated = markOf(bytes) ?? (charset === undefined ? undefined : encodingOf(charset));
  if (stated !== undefined) return decodeAs(bytes, stated) ?? refuseText(stated);
  return decodeAs(bytes, 'utf-8') ?? decodeAs(bytes, 'gb18030') ?? refuseText('UTF-8 / GB18030');
}

function markOf(bytes: Uint8Array): string | undefined {
  const [first, second, third] = bytes;
  if (first === 0xef && second === 0xbb && third === 0xbf) return 'utf-8';
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  return undefined;
}

function encodingOf(charset: string): string {
  const encoding = encodings[charset.toLowerCase().replace(/^"|"$/g, '')];
  if (encoding === undefined) throw refuse(intakeRefusals.unknownEncoding, [charset.slice(0, 40)]);
  return encoding;
}

/** The text without its mark; undefined where the bytes are none of that encoding, or hold what no text does. */
function decodeAs(bytes: Uint8Array, encoding: string): string | undefined {
  try {
    const text = new TextDecoder(encoding, { fatal: true }).decode(bytes);
    return text.includes('\0') ? undefined : text;
  } catch {
    return undefined;
  }
}

function refuseText(encoding: string): never {
  throw refuse(intakeRefusals.encoding, [encoding]);
}
