/** Marks that change how the character before them looks, and are left out where the font has none of it. */
const ignorable = /\p{Default_Ignorable_Code_Point}/gu;

/**
 * A text in characters that a font has. One that it has not, as a rare one in a name, is not lost: its code stands in its
 * place, 〔U+20BB7〕, so that who reads the paper sees that something is missing, and can write it in.
 */
export function inFont(text: string, hasCharacter: (codePoint: number) => boolean): string {
  const clean = text.replace(/\r\n?/g, '\n').replace(/\t/g, ' ').replace(ignorable, '');
  let shown = '';
  for (const character of clean.normalize('NFC')) {
    const codePoint = character.codePointAt(0)!;
    if (character === '\n' || hasCharacter(codePoint)) shown += character;
    else shown += `\u3014U+${codePoint.toString(16).toUpperCase().padStart(4, '0')}\u3015`;
  }
  return shown;
}
