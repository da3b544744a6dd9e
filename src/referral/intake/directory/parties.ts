import type { Element } from '../../../fhir/resource.ts';
import { codeSystems } from '../../vocabulary.ts';
import { type Parties, textIn } from '../bundle/part.ts';
import type { Mapping } from '../mapping.ts';
import type { Problem } from '../problem.ts';
import type { FlatRow } from '../row.ts';
import type { Directory, Found } from './directory.ts';

/**
 * Who takes part in the referral of a row: the sender that it names, else the one that its sender acts for, else that of
 * its doctor; the doctor; the receiver, and the specialty that is asked for. What is not found is a problem of its column.
 */
export async function findParties(
  row: FlatRow,
  directory: Directory,
  mapping: Mapping,
  acting: string | undefined,
): Promise<{ parties: Parties } | { problems: Problem[] }> {
  const problems: Problem[] = [];
  const taken = (found: Found, fields: readonly string[]): Element | undefined => {
    if ('reference' in found) return found.reference;
    problems.push(problemOf(row, mapping, fields, found));
    return undefined;
  };
  const called = (number: string, name: string) => ({ number: textIn(row, number), name: textIn(row, name) });

  const senderNames = called('sender-code', 'sender-name');
  const names = senderNames.number ?? senderNames.name;
  const own = { number: names === undefined ? acting?.replace(/^Organization\//, '') : undefined };
  const stated = names === undefined ? own : senderNames;
  const sender =
    stated.number === undefined && names === undefined
      ? undefined
      : taken(await directory.organization(stated), ['sender-code', 'sender-name']);
  const isSenderLost = problems.length > 0;

  const doctorNames = called('doctor-number', 'doctor-name');
  const doctor = isSenderLost
    ? undefined
    : doctorNames.number === undefined && doctorNames.name === undefined
      ? missing(problems, row, mapping, 'doctor-name')
      : taken(
          await directory.practitioner(doctorNames, sender, textIn(row, 'authored') ?? ''),
          doctorNames.number === undefined ? ['doctor-name'] : ['doctor-number'],
        );

  const receiverNames = called('receiver-code', 'receiver-name');
  const receiver =
    receiverNames.number === undefined && receiverNames.name === undefined
      ? missing(problems, row, mapping, 'receiver-name')
      : taken(await directory.organization(receiverNames), ['receiver-code', 'receiver-name']);

  if (!doctor || !receiver) return { problems };
  const employer = sender ?? (await directory.employer(doctor));
  const specialty = await specialtyOf(row, mapping, directory, receiver);
  return {
    parties: { ...(employer && { sender: employer }), doctor, receiver, ...(specialty && { specialty }) },
  };
}

/** The specialty: by its code (`03.04`, `0304`, `A03.04`), by its name, or as that of the department of this name. */
async function specialtyOf(
  row: FlatRow,
  mapping: Mapping,
  directory: Directory,
  receiver: Element,
): Promise<Element | undefined> {
  const table = mapping.specialties;
  const code = textIn(row, 'department-code')?.normalize('NFKC').toUpperCase();
  const [, digits] = /^A?((?:\d{2}\.?){1,3})$/.exec(code ?? '') ?? [];
  if (digits !== undefined) {
    const dotted = digits.replaceAll('.', '').replace(/(\d{2})(?=\d)/g, '$1.');
    return { coding: [table.find(dotted) ?? { system: codeSystems.specialty, code: dotted }] };
  }
  const name = textIn(row, 'department-name');
  if (name === undefined) return undefined;
  const coding = table.find(name) ?? table.find(`${name}专业`);
  if (coding) return { coding: [coding] };
  const department = await directory.department(name, receiver);
  const known = 'reference' in department ? await directory.specialty(department.reference) : undefined;
  return known ?? { text: name };
}

function missing(problems: Problem[], row: FlatRow, mapping: Mapping, field: string): undefined {
  const { name, about } = mapping.fields.find(({ code }) => code === field)!;
  problems.push({
    column: row.columns.get(field) ?? name.zh,
    field,
    expected: about,
    text: { zh: `缺少“${name.zh}”:${about.zh}`, en: `"${name.en}" is missing: ${about.en}` },
  });
  return undefined;
}

function problemOf(
  row: FlatRow,
  mapping: Mapping,
  fields: readonly string[],
  { problem }: Extract<Found, { problem: unknown }>,
): Problem {
  const field = fields.find((each) => row.columns.has(each)) ?? fields[0]!;
  const { name, about } = mapping.fields.find(({ code }) => code === field)!;
  const column = row.columns.get(field) ?? name.zh;
  const found = textIn(row, field);
  return {
    column,
    field,
    ...(found !== undefined && { found }),
    expected: about,
    text: {
      zh: `“${column}”${found === undefined ? '' : `(${found})`}:${problem.zh}`,
      en: `"${column}"${found === undefined ? '' : ` (${found})`}: ${problem.en}`,
    },
  };
}
