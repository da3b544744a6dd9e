import { parentPort } from 'node:worker_threads';
import type { Sheet } from '../sheet/sheet.ts';
import { drawSheet } from './draw.ts';
import { type LoadedFont, loadFont } from './font.ts';

/** What the thread is asked, and what it answers. */
export interface PdfTask {
  number: number;
  sheet: Sheet;
}
export type PdfOutcome = { number: number } & ({ bytes: Uint8Array } | { error: string });

let font: Promise<LoadedFont> | undefined;

parentPort!.on('message', async ({ number, sheet }: PdfTask) => {
  let outcome: PdfOutcome;
  try {
    font ??= loadFont();
    outcome = { number, bytes: await drawSheet(sheet, await font) };
  } catch (error) {
    // An error's message may quote what is on the paper: only where it arose leaves the thread.
    const { name, stack = '' } = error as Error;
    outcome = {
      number,
      error: [name, ...stack.split('\n').filter((line) => /^\s+at /.test(line))].join('\n'),
    };
  }
  parentPort!.postMessage(outcome);
});
