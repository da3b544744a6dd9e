import { styleText } from 'node:util';

/** Where a bar is drawn. */
export type Screen = Pick<NodeJS.WriteStream, 'write'> & { isTTY?: boolean; columns?: number };

/** How far long work is, as a person sees it. */
export interface Progress {
  /** Draws how much of the work is done, in any unit; `note` stands behind the bar. */
  show(done: number, all: number, note?: string): void;
  /** Leaves the bar as it is, and goes on below it. */
  end(): void;
}

const width = 24;
/** Clears from the place of the cursor to the end of its line (ECMA-48, EL). */
const clear = '\u001b[K';

/**
 * A bar with the name of the work, drawn on a terminal alone. It is drawn
 * again when what it shows has changed, so whoever does the work may call it as often as they like.
 */
export function progress(name: string, screen: Screen = process.stderr): Progress {
  const isShown = screen.isTTY === true;
  let drawn = '';
  const draw = (text: string) => {
    if (!isShown || text === drawn) return;
    drawn = text;
    screen.write(`\r${text}${clear}`);
  };
  return {
    show: (done, all, note = '') => draw(barOf(name, done, all, note, screen)),
    end: () => {
      if (drawn !== '') screen.write('\n');
      drawn = '';
    },
  };
}

function barOf(name: string, done: number, all: number, note: string, screen: Screen): string {
  const share = all > 0 ? Math.min(1, done / all) : 1;
  const full = Math.floor(share * width);
  const bar = `${'█'.repeat(full)}${'░'.repeat(width - full)}`;
  const percent = `${String(Math.floor(share * 100)).padStart(3)}%`;
  // What is wider than the terminal would be drawn on two lines, of which only the last is drawn anew.
  const plain = [...`${percent} ${name} ${note}`.trimEnd()];
  const room = Math.max(0, (screen.columns ?? 80) - width - 2);
  return `${styleText('green', bar, { stream: screen as NodeJS.WriteStream, validateStream: true })} ${fitting(plain, room)}`;
}

/** As much of a text as has room, where characters beyond Latin take two columns. */
function fitting(characters: readonly string[], room: number): string {
  let columns = 0;
  let text = '';
  for (const character of characters) {
    columns += character > '\u2e7f' ? 2 : 1;
    if (columns > room) break;
    text += character;
  }
  return text;
}
