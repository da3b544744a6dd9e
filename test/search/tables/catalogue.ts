import type { Table } from '../table.ts';
import { chain } from './chain.ts';
import { composite } from './composite.ts';
import { date } from './date.ts';
import { everyType } from './every-type.ts';
import { number } from './number.ts';
import { quantity } from './quantity.ts';
import { reference } from './reference.ts';
import { special } from './special.ts';
import { string } from './string.ts';
import { token } from './token.ts';
import { uri } from './uri.ts';
import { values } from './values.ts';

/** All tables of examples, by what they are about. */
export const catalogue: Record<string, readonly Table[]> = {
  number,
  date,
  string,
  token,
  reference,
  composite,
  quantity,
  uri,
  chain,
  special,
  'every type': everyType,
  values,
};
