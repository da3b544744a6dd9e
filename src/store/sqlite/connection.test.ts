import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Connection } from './connection.ts';
import { literal } from './sql.ts';

const numbers = literal(
  'WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers LIMIT 100) SELECT n FROM numbers WHERE in_time()',
);

let connection: Connection;
beforeAll(() => {
  connection = new Connection(':memory:', { readOnly: false });
});
afterAll(() => connection.close());

test('rows are read up to the first that is enough', () => {
  expect(connection.until(numbers, ({ n }) => n === 3)).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
  expect(connection.until(numbers, () => false)).toHaveLength(100);
});

test('a statement that was ended in time can be run again', () => {
  for (let again = 0; again < 3; again++) {
    const late = connection.attempt({ timeout: -1 }, () => connection.until(numbers, () => false));
    expect(late).toBeUndefined();
  }
  expect(connection.until(numbers, () => false)).toHaveLength(100);
});
