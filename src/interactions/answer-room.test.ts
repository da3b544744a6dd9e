import { expect, test } from '@jest/globals';
import { createAnswerRoom } from './answer-room.ts';

/** A room of 100 bytes, and a clock to set. */
function aRoom() {
  let time = 0;
  const room = createAnswerRoom(100, () => time);
  const cut: string[] = [];
  return {
    cut,
    open: (name: string) => room.open(() => cut.push(name)),
    wait: (milliseconds: number) => {
      time += milliseconds;
    },
  };
}

test('there is room for answers until it is taken, and again once they have been read', () => {
  const { open, cut } = aRoom();
  const [first, second] = [open('first'), open('second')];
  first.hold(60);
  first.progress();
  expect(() => second.hold(50)).toThrow('waiting to be read');
  first.release();
  second.hold(50);
  second.hold(100);
  expect(cut).toEqual([]);
});

test('who has read nothing for long is cut off when another needs the room, the slowest first', () => {
  const { open, cut, wait } = aRoom();
  for (const name of ['slowest', 'slow']) {
    const share = open(name);
    share.hold(40);
    share.progress();
    wait(1_000);
  }
  const reading = open('reading');
  reading.hold(20);
  wait(6_000);
  reading.progress();
  open('new').hold(30);
  expect(cut).toEqual(['slowest']);
  expect(() => open('too large').hold(90)).toThrow('waiting to be read');
  expect(cut).toEqual(['slowest', 'slow']);
});

test('an answer that is still being made is not cut off', () => {
  const { open, cut, wait } = aRoom();
  open('being made').hold(90);
  wait(60_000);
  expect(() => open('other').hold(20)).toThrow('waiting to be read');
  expect(cut).toEqual([]);
});
