import { readdirSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { play } from './play.ts';
import { examples, knownAt, readSequence } from './sequence.ts';
import { tell } from './tell.ts';

type Print = (text: string) => void;

/**
 * Plays the story, and after it what becomes of the other referrals (`examples/steps/`), so that there is one in every
 * state. Prints each request of the story and a line for each other sequence. What was played before stays as it is.
 */
export async function performStory(base: string, print: Print): Promise<void> {
  await perform('story/story', { base, print, isTold: true });
  for (const name of readdirSync(`${examples}steps`).sort())
    await perform(`steps/${name.replace('.json', '')}`, { base, print, isTold: false });
}

async function perform(
  path: string,
  { base, print, isTold }: { base: string; print: Print; isTold: boolean },
): Promise<void> {
  const { text, requests } = readSequence(path);
  print(`\n${text.zh}\n${text.en}\n`);
  const known = knownAt(Date.now());
  for (const [index, request] of requests.entries()) {
    const played = await play(request, { base, known });
    if (!isDeepStrictEqual(played.answer, request.answer)) {
      print(`examples/${path}.json was played before, or changed; it is left as it is / 已演示过,保持原样\n`);
      return;
    }
    if (isTold) print(`\n${index + 1}. ${await tell(request, played, base)}`);
  }
}
