import { encode } from 'uqr';

/** A QR code holds far more; what is longer is no number. */
const mostCharacters = 200;

/** The dark fields of the QR code of a text, row by row, with the quiet zone around; undefined for none. */
export function qrMatrix(text: string | undefined): boolean[][] | undefined {
  if (text === undefined || text.length > mostCharacters) return undefined;
  return encode(text, { ecc: 'M', border: 2 }).data;
}
