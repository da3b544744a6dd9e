import { expect, test } from '@jest/globals';
import { takeSlices } from './slices.ts';

/** Works for so many milliseconds. */
function work(milliseconds: number): void {
  for (const end = performance.now() + milliseconds; performance.now() < end; );
}

test('of many works at once each has a slice, and between two of them others have their turn', async () => {
  const order: string[] = [];
  const giveWays = ['a', 'b', 'c'].map((name) => ({ name, giveWay: takeSlices() }));
  work(10);
  const works = giveWays.map(async ({ name, giveWay }) => {
    await giveWay();
    order.push(name);
  });
  const others = () => {
    order.push('others');
    if (order.length < 6) setImmediate(others);
  };
  setImmediate(others);
  await Promise.all(works);
  expect(order.slice(0, 5)).toEqual(['a', 'others', 'b', 'others', 'c']);
});

test('a work that is short goes on at once', async () => {
  const giveWay = takeSlices();
  let isOver = false;
  setImmediate(() => {
    isOver = true;
  });
  await giveWay();
  expect(isOver).toBe(false);
});
