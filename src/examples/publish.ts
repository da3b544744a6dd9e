import { writeFileSync } from 'node:fs';
import { examples } from './sequence.ts';
import { storyPages } from './story-page.ts';

/** Writes the pages that are made from the story (`npm run story`). */
for (const [path, text] of storyPages()) writeFileSync(examples + path, text);
