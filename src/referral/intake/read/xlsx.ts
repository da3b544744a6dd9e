import { strFromU8, Unzip, UnzipInflate } from 'fflate';
import { refuse } from '../../../fhir/refusal.ts';
import { takeSlices } from '../../../store/slices.ts';
import { intakeLimits } from '../limits.ts';
import { intakeRefusals } from '../refusals.ts';
import type { Sent } from './sent.ts';
import { readSheet } from './sheet.ts';
import { type TableRow, tableOf } from './table.ts';
import { dateStyles, firstSheet, sharedTexts } from './workbook.ts';

/** The files of a workbook that are read; nothing else of it is unpacked. */
const wanted =
  /^xl\/(?:workbook\.xml|_rels\/workbook\.xml\.rels|sharedStrings\.xml|styles\.xml|worksheets\/[^/]+\.xml)$/i;

/**
 * Reads the first sheet of an XLSX workbook (ECMA-376): its first row names the columns. What it unpacks to is bounded
 * while it is unpacked, whatever it says of its size. Refuses with 400 what is no workbook, with 413 what is too large,
 * and with 422 a cell that is a formula.
 */
export async function readXlsx(bytes: Uint8Array): Promise<Sent> {
  if (bytes[0] !== 0x50 || bytes[1] !== 0x4b) throw refuse(intakeRefusals.notXlsx, ['ZIP']);
  const files = await unpack(bytes);
  const workbook = files.get('xl/workbook.xml');
  if (workbook === undefined) throw refuse(intakeRefusals.notXlsx, ['xl/workbook.xml']);
  const sheet = await firstSheet(workbook, files.get('xl/_rels/workbook.xml.rels'));
  const text = files.get(sheet);
  if (text === undefined) throw refuse(intakeRefusals.notXlsx, [sheet]);
  const texts = await sharedTexts(files.get('xl/sharedStrings.xml'));
  const rows = await readSheet(text, {
    texts,
    isDate: await dateStyles(files.get('xl/styles.xml')),
    is1904: /date1904="(?:1|true)"/.test(workbook),
  });
  const [header, ...others] = rows;
  return tableOf(header?.cells ?? [], others as TableRow[]);
}

/** The texts of the files that are wanted. */
async function unpack(bytes: Uint8Array): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  const giveWay = takeSlices();
  let size = 0;
  let count = 0;
  let failure: unknown;
  const unzip = new Unzip((file) => {
    if (++count > intakeLimits.files)
      throw refuse(intakeRefusals.unpacksTooLarge, [String(intakeLimits.unpacked)]);
    const name = file.name.replaceAll('\\', '/').replace(/^\//, '');
    if (!wanted.test(name)) return;
    const pieces: Uint8Array[] = [];
    file.ondata = (error, data, final) => {
      if (error) failure = error;
      if (failure) return;
      size += data.length;
      if (size > intakeLimits.unpacked) {
        failure = refuse(intakeRefusals.unpacksTooLarge, [String(intakeLimits.unpacked)]);
        file.terminate();
        return;
      }
      pieces.push(data);
      if (final) files.set(name, strFromU8(Buffer.concat(pieces)));
    };
    file.start();
  });
  unzip.register(UnzipInflate);
  try {
    for (let at = 0; at < bytes.length; at += piece) {
      unzip.push(bytes.subarray(at, at + piece), at + piece >= bytes.length);
      if (failure) throw failure;
      await giveWay();
    }
  } catch (error) {
    throw error === failure && failure instanceof Error && 'issues' in failure
      ? failure
      : asXlsxRefusal(error);
  }
  return files;
}

/** So much is unpacked at once, in bytes: what is packed tightest becomes a thousand times as much. */
const piece = 16_384;

function asXlsxRefusal(error: unknown): unknown {
  return error instanceof Error && 'issues' in error ? error : refuse(intakeRefusals.notXlsx, ['ZIP']);
}
