import { expect, test } from '@jest/globals';
import { quietCollector } from './quiet-collection.ts';

/** A heap of so many MB, of which `inUse` are left by a collection; counts these. */
function aHeap(size: number) {
  const heap = { size, inUse: size, collections: 0 };
  const look = quietCollector(
    () => heap.size,
    () => {
      heap.collections++;
      heap.size = heap.inUse;
    },
  );
  return { heap, look };
}

test('what a busy time has left is collected once it is quiet, and then not again', () => {
  const { heap, look } = aHeap(100);
  look(0.01);
  Object.assign(heap, { size: 900, inUse: 150 });
  look(0.9);
  expect(heap.collections).toBe(1);
  look(0.01);
  look(0.01);
  expect(heap).toMatchObject({ size: 150, collections: 2 });
});

test('what was in use at one collection is given back after the next busy time', () => {
  const { heap, look } = aHeap(100);
  look(0.01);
  Object.assign(heap, { size: 300, inUse: 300 });
  look(0.01);
  expect(heap.size).toBe(300);
  heap.inUse = 100;
  look(0.5);
  look(0.01);
  expect(heap.size).toBe(100);
});

test('a heap that stays as large as it is used is not collected again and again', () => {
  const { heap, look } = aHeap(100);
  look(0.01);
  Object.assign(heap, { size: 400, inUse: 400 });
  for (let n = 0; n < 10; n++) look(0.01);
  expect(heap.collections).toBe(2);
});
