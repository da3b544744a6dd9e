import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { create, type Font } from 'fontkit';

/** The font of the PDFs: Noto Sans SC, regular, under the SIL Open Font License 1.1. */
const file = fileURLToPath(
  import.meta.resolve('@expo-google-fonts/noto-sans-sc/400Regular/NotoSansSC_400Regular.ttf'),
);

export interface LoadedFont {
  /** The file's bytes: of them only the characters that occur go into a PDF. */
  bytes: Buffer;
  hasCharacter(codePoint: number): boolean;
}

/** Reads the font; takes some 20 ms, so whoever makes many PDFs keeps it. */
export async function loadFont(): Promise<LoadedFont> {
  const bytes = await readFile(file);
  const font = create(bytes) as Font;
  return { bytes, hasCharacter: (codePoint) => font.hasGlyphForCodePoint(codePoint) };
}
