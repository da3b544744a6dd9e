import { elements, string } from '../../../fhir/elements.ts';
import { refuse } from '../../../fhir/refusal.ts';
import type { Resource } from '../../../fhir/resource.ts';
import type { Server } from '../../../interactions/server.ts';
import type { Cell } from '../../../spreadsheet/csv.ts';
import { codeSystems } from '../../vocabulary.ts';
import { registerRefusals } from '../refusals.ts';
import { columns } from './columns.ts';
import type { LedgerPage } from './rows.ts';

/** A heading of the table, and the column below it. */
export interface Heading {
  code: string;
  text: string;
}

/** The columns in order, as CodeSystem/ledger-column has them: the county's own where it has stored one. */
export async function headingsOf({
  definitions,
  store,
}: Pick<Server, 'definitions' | 'store'>): Promise<Heading[]> {
  const stored = await store.read('CodeSystem', 'ledger-column');
  const listed = stored?.text
    ? (JSON.parse(stored.text) as Resource)
    : definitions.find('CodeSystem', codeSystems.ledgerColumn);
  return elements(listed, 'concept').map((concept) => {
    const code = string(concept, 'code') ?? '';
    if (!Object.hasOwn(columns, code))
      throw refuse(registerRefusals.unknownColumn, [code.slice(0, 64), Object.keys(columns).join(', ')]);
    return { code, text: string(concept, 'display') ?? code };
  });
}

/** The cells of the rows of a page, below their headings. */
export function cellsOf(headings: readonly Heading[], { rows }: Pick<LedgerPage, 'rows'>): Cell[][] {
  return rows.map((row) => headings.map(({ code }) => columns[code]!(row)));
}
