import { expect, test } from '@jest/globals';
import { createBodyRoom } from './body-room.ts';

test('large bodies that are more than the room together are refused with 503, until one of them is gone', () => {
  const room = createBodyRoom(10);
  const [first, second] = [room.open(), room.open()];
  first.take(4);
  first.take(4);
  expect(() => second.take(3)).toThrow(expect.objectContaining({ status: 503 }));
  first.release();
  second.take(10);
});
