import type { Request as ExpressRequest } from 'express';
import { refusals, refuse } from '../../fhir/refusal.ts';
import { intakeLimits } from '../../referral/intake/limits.ts';
import { readRows, xlsxType } from '../../referral/intake/read/read.ts';
import type { Sent } from '../../referral/intake/read/sent.ts';
import { joined, readBody } from '../body.ts';
import { contentTypeOf } from '../negotiation.ts';

/** The rows of a body. Refuses with 413 and 415 as every body is, and with what its reader refuses. */
export async function readRowsOf(message: ExpressRequest, maxBodyBytes: number): Promise<Sent> {
  // A thousand rows are far less; what is more would be read for nothing, while others wait.
  const bytes = joined(await readBody(message, Math.min(maxBodyBytes, intakeLimits.body)));
  const type = contentTypeOf(message);
  const header = message.headers['content-type'] ?? '';
  if (type === 'multipart/form-data') return readUpload(bytes, header);
  return readRows(bytes, type, charsetOf(header));
}

function charsetOf(header: string): string | undefined {
  return /;\s*charset\s*=\s*"?([^\s;"]+)/i.exec(header)?.[1];
}

const types: readonly [ending: RegExp, type: string][] = [
  [/\.xlsx$/i, xlsxType],
  [/\.json$/i, 'application/json'],
];

/** The rows of the file that a form brings (RFC 7578), as browsers and `curl -F` send it; its name says what it is. */
async function readUpload(bytes: Buffer, header: string): Promise<Sent> {
  let form: FormData;
  try {
    form = await new Response(new Uint8Array(bytes), { headers: { 'Content-Type': header } }).formData();
  } catch {
    throw refuse(refusals.invalidRequest, [
      { zh: 'multipart/form-data 格式有误', en: 'the multipart/form-data is not well-formed' },
    ]);
  }
  const file = [...form.values()].find((value) => typeof value !== 'string');
  if (!file) throw refuse(refusals.invalidRequest, [{ zh: '表单中没有文件', en: 'the form brings no file' }]);
  const [, type] = types.find(([ending]) => ending.test(file.name)) ?? [];
  return readRows(new Uint8Array(await file.arrayBuffer()), type, charsetOf(file.type));
}
