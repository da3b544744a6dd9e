import { describe, expect, test } from '@jest/globals';
import { takeTurns } from './turns.ts';

const any = () => true;

function takeAll(turns: { take(fits: () => boolean): string | undefined }): string[] {
  const taken: string[] = [];
  for (let next = turns.take(any); next !== undefined; next = turns.take(any)) taken.push(next);
  return taken;
}

describe('turns', () => {
  test('who asks once waits for one of the others, however many they ask', () => {
    const turns = takeTurns<string>(10);
    for (const item of ['a1', 'a2', 'a3']) turns.add('a', item);
    turns.add('b', 'b1');
    expect(takeAll(turns)).toEqual(['a1', 'b1', 'a2', 'a3']);
  });

  test('when too many wait, the newest of the longest line has to go', () => {
    const turns = takeTurns<string>(2);
    turns.add('a', 'a1');
    turns.add('a', 'a2');
    expect(turns.add('b', 'b1')).toBe('a2');
    expect(takeAll(turns)).toEqual(['a1', 'b1']);
  });

  test('who comes last to a full queue of single questions has to go', () => {
    const turns = takeTurns<string>(1);
    turns.add('a', 'a1');
    expect(turns.add('b', 'b1')).toBe('b1');
  });

  test('what does not fit is passed over and stays', () => {
    const turns = takeTurns<string>(10);
    turns.add('a', 'long');
    turns.add('b', 'short');
    expect(turns.take((item) => item === 'short')).toBe('short');
    expect(takeAll(turns)).toEqual(['long']);
  });

  test('what was removed has no turn', () => {
    const turns = takeTurns<string>(10);
    turns.add('a', 'a1');
    turns.remove('a', 'a1');
    expect([turns.size, turns.take(any)]).toEqual([0, undefined]);
  });
});
