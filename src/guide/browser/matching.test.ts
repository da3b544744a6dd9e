import { expect, test } from '@jest/globals';
import { placesOf } from './matching.js';

const places = [
  ['Steps and states', 'Steps and states', '/docs/en/workflow', ''],
  ['The patient departs', 'Steps and states', '/docs/en/workflow#depart', '$depart accepted:in-transit'],
  ['BP >=180 must be at least urgent', 'Rules', '/docs/en/rules#up-htn-urgent', '国家基本公卫规范'],
  ['Urgent care', 'Examples', '/docs/en/examples/valid/02-urgent', 'stat'],
] as const;
const titles = (query: string) => placesOf(places, query).map(([title]) => title);

test.each([
  ['urgent', ['Urgent care', 'BP >=180 must be at least urgent']],
  ['up-htn-urgent', ['BP >=180 must be at least urgent']],
  ['URGENT bp', ['BP >=180 must be at least urgent']],
  ['公卫', ['BP >=180 must be at least urgent']],
  ['depart', ['The patient departs']],
  ['in-transit', ['The patient departs']],
  ['>=180', ['BP >=180 must be at least urgent']],
  ['urgent stroke', []],
  ['  ', []],
])('what is found by %j', (query, found) => {
  expect(titles(query)).toEqual(found);
});
