import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';

const file = fileURLToPath(new URL('./young-generation.ts', import.meta.url));

/** Lets much live on, collects all, and lets much live on again; prints the size of a half, in MB, each time. */
const program = `
  const { boundYoungGeneration } = await import(${JSON.stringify(file)});
  const { getHeapSpaceStatistics } = await import('node:v8');
  boundYoungGeneration();
  let living = [];
  async function fill() {
    living = [];
    for (let n = 0; n < 2_000_000; n++) living[n % 400_000] = { n };
    for (let n = 0; n < 5; n++) await new Promise(setImmediate);
    const space = getHeapSpaceStatistics().find((each) => each.space_name === 'new_space');
    console.log(space.space_size / 2 / 1_048_576);
  }
  await fill();
  living = [];
  for (let n = 0; n < 4; n++) gc();
  for (let n = 0; n < 5; n++) await new Promise(setImmediate);
  await fill();
`;

test('the young generation has its size, also after all of the heap was collected', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--expose-gc',
    '--input-type=module',
    '-e',
    program,
  ]);
  expect(stdout.trim().split('\n')).toEqual(['8', '8']);
});
