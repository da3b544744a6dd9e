import { createHash } from 'node:crypto';
import type { Element } from '../resource.ts';
import { findings } from './findings/findings.ts';
import type { Visit } from './visit.ts';

/** How a SHA-1 is often written instead of in base64, an example of R4 among them. */
const hexadecimal = /^[0-9a-f]{40}$/i;

/**
 * Checks what an Attachment says of its data (http://hl7.org/fhir/R4/datatypes.html#Attachment): `size` counts the bytes
 * before base64, `hash` is their SHA-1.
 */
export function checkAttachment(value: unknown, { report }: Visit): void {
  const { data, size, hash } = value as Element;
  if (typeof data !== 'string' || (size === undefined && hash === undefined)) return;
  const bytes = Buffer.from(data, 'base64');
  if (typeof size === 'number' && size !== bytes.length)
    report.add(findings.attachmentSize, [String(size), String(bytes.length)]);
  if (typeof hash !== 'string') return;
  const actual = createHash('sha1').update(bytes).digest('base64');
  if (hash === actual) return;
  report.add(hexadecimal.test(hash) ? findings.attachmentHashForm : findings.attachmentHash, [hash, actual]);
}
