import { expect, test } from '@jest/globals';
import { wordsOf } from './words.ts';

const withNarrative = (content: string) => ({
  resourceType: 'Basic',
  text: { status: 'generated', div: `<div xmlns="http://www.w3.org/1999/xhtml">${content}</div>` },
});

test('of millions of characters without a space the first are found', () => {
  const words = wordsOf(withNarrative(`转诊单${'转'.repeat(5_000_000)}`));
  expect(words).toEqual(expect.arrayContaining(['t|转诊', 't|诊单', 't|转转']));
});
