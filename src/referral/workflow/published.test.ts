import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { publishedFiles } from './publish.ts';
import { steps, terminal } from './steps.ts';

test.each([...publishedFiles()])('%s is what the table of steps gives (npm run workflow)', (path, text) => {
  expect(readFileSync(path, 'utf8')).toBe(text);
});

test('what has ended does not open again', () => {
  // A row that leads nowhere leaves the Task as it is: after a rejection the referral is given up.
  const leading = steps.filter(({ to }) => to.length > 0);
  expect(leading.flatMap(({ from }) => from).filter((state) => terminal.has(state))).toEqual([]);
});

test('after a step that does not end the Task somebody owes the next one', () => {
  const lost = steps.filter(({ to, owes }) => !owes && to.some((state) => !terminal.has(state)));
  expect(lost).toEqual([]);
});

test('every state can be reached, and every one that is open can be left', () => {
  const reached = new Set(steps.flatMap(({ to }) => to));
  const left = new Set(steps.flatMap(({ from }) => from));
  expect([...left].filter((state) => !reached.has(state))).toEqual([]);
  expect([...reached].filter((state) => !terminal.has(state) && !left.has(state))).toEqual([]);
});
