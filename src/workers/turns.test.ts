import { expect, test } from '@jest/globals';
import { type KeptTurn, keepTurn } from './kept-turn.ts';
import { createTurnQueue } from './turn-queue.ts';

/** Processes that have a turn between them. */
function processesWith(names: readonly string[]) {
  const asked: string[] = [];
  const queue = createTurnQueue<string>({
    yours: (holder, note) => processes.get(holder)?.came(note),
    wanted: (holder) => processes.get(holder)?.wanted(),
  });
  const processes: Map<string, KeptTurn> = new Map(
    names.map((name) => [
      name,
      keepTurn({
        want: () => {
          asked.push(name);
          queue.want(name);
        },
        passOn: (note) => queue.pass(name, note),
      }),
    ]),
  );
  return { asked, queue, of: (name: string) => processes.get(name)! };
}

test('a process that nobody disturbs asks once for all of its works', async () => {
  const { asked, of } = processesWith(['one', 'other']);
  for (let n = 0; n < 5; n++) (await of('one').take()).pass();
  expect(asked).toEqual(['one']);
});

test('processes that all have work take turns, and none goes before one that waits', async () => {
  const { of } = processesWith(['a', 'b', 'c']);
  const done: string[] = [];
  const work = async (name: string) => {
    for (let n = 0; n < 3; n++) {
      const turn = await of(name).take();
      done.push(name);
      await Promise.resolve();
      turn.pass();
    }
  };
  await Promise.all(['a', 'b', 'c'].map(work));
  expect(done.join('')).toBe('abcabcabc');
});

test('works of one process have the turn one after the other', async () => {
  const { of } = processesWith(['one']);
  let inside = 0;
  let most = 0;
  const work = async () => {
    const turn = await of('one').take();
    most = Math.max(most, ++inside);
    await Promise.resolve();
    inside--;
    turn.pass();
  };
  await Promise.all([work(), work(), work()]);
  expect(most).toBe(1);
});

test('the turn of a process that has ended goes to the next, as does its place in the line', async () => {
  const { queue, of } = processesWith(['one', 'waiting', 'last']);
  await of('one').take();
  const waiting = of('waiting').take();
  const last = of('last').take();
  queue.forget('waiting');
  queue.forget('one');
  expect(await Promise.race([waiting.then(() => 'waiting'), last.then(() => 'last')])).toBe('last');
});

test('who passes the turn on leaves a note for the next', async () => {
  const { of } = processesWith(['one', 'other']);
  (await of('one').take()).pass(17);
  expect((await of('other').take()).note).toBe(17);
});
