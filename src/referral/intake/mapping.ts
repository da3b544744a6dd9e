import type { Definitions } from '../../fhir/definitions/definitions.ts';
import { elements, string } from '../../fhir/elements.ts';
import type { Coding, Element, Resource } from '../../fhir/resource.ts';
import { codeSystems } from '../vocabulary.ts';
import { type CodeTable, codeTable, ownCodes } from './code-table.ts';
import { type Field, readFields } from './fields.ts';
import { intakeColumnSystem, intakeFieldSystem, intakeValueSystem } from './vocabulary.ts';

/** How rows are read: which column is which field, and which writing is which code. */
export interface Mapping {
  /** The fields of the form, and the results that a map has added. */
  fields: readonly Field[];
  /** The field that a column is; undefined: none that is known. */
  fieldOf(column: string): Field | undefined;
  /** What the column of a field may be called, its own names first. */
  namesOf(field: Field): readonly string[];
  /** The codes of a field of the kind `code` or `codes`. */
  tableOf(field: Field): CodeTable;
  /** The specialties (诊疗科目) by code and name. */
  specialties: CodeTable;
}

/**
 * Compiles a mapping. `maps` are ConceptMaps, those that count first before others; behind them come the fields' own
 * names and codes, and last the maps that came with the server.
 */
export function compileMapping(definitions: Definitions, maps: readonly Resource[] = []): Mapping {
  const shipped = shippedMaps(definitions);
  const known = readFields(definitions);
  const added = maps.flatMap((map) => resultsOf(map, known));
  const fields = [...known, ...added.map(({ field }) => field)];
  const byCode = new Map(fields.map((field) => [field.code, field]));

  const columns = new Map<string, Field>();
  const names = new Map<Field, string[]>(fields.map((field) => [field, []]));
  const call = (name: string, field: Field | undefined) => {
    if (!field || columns.has(columnKey(name))) return;
    columns.set(columnKey(name), field);
    names.get(field)!.push(name);
  };
  for (const map of maps) for (const [name, code] of columnsOf(map)) call(name, byCode.get(code));
  for (const { name, field } of added) call(name, field);
  for (const field of known) for (const name of [field.name.zh, field.code, field.name.en]) call(name, field);
  for (const map of shipped) for (const [name, code] of columnsOf(map)) call(name, byCode.get(code));

  const tables = new Map<string, CodeTable>();
  return {
    fields,
    specialties: codeTable(ownCodes(definitions, codeSystems.specialty)),
    fieldOf: (column) => columns.get(columnKey(column)) ?? columns.get(columnKey(withoutRemark(column))),
    namesOf: (field) => names.get(field) ?? [],
    tableOf: (field) => {
      const made = tables.get(field.code) ?? tableFor(field, definitions, maps, shipped);
      tables.set(field.code, made);
      return made;
    },
  };
}

/** Whether a ConceptMap takes part in reading rows. */
export function isIntakeMap(resource: Resource): boolean {
  return elements(resource, 'group').some(
    ({ source }) => source === intakeColumnSystem || String(source).startsWith(intakeValueSystem('')),
  );
}

/** Columns are told apart neither by case, spaces and dashes, nor by full-width forms or a mark for what is required. */
export function columnKey(name: string): string {
  return name
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\s_*:.-]+/gu, '');
}

/** `收缩压(mmHg)` is the column `收缩压`. */
function withoutRemark(column: string): string {
  return column.normalize('NFKC').replace(/[([【].*$/u, '');
}

function shippedMaps(definitions: Definitions): Resource[] {
  return definitions.all<Resource>('ConceptMap').filter(isIntakeMap);
}

function columnsOf(map: Resource): [name: string, field: string][] {
  return targetsOf(map, intakeColumnSystem, intakeFieldSystem).map(({ written, target }) => [
    written,
    String(target.code),
  ]);
}

/** The results that a map adds: columns whose target is a LOINC code that no field has. */
function resultsOf(map: Resource, known: readonly Field[]): { name: string; field: Field }[] {
  return targetsOf(map, intakeColumnSystem, codeSystems.loinc).map(({ written, display, target }) => {
    const code = String(target.code);
    const field = known.find(({ observation }) => observation.includes(code));
    if (field) return { name: written, field };
    const unit = elements(target, 'product').find(({ system }) => system === codeSystems.ucum);
    const name = string(target, 'display') ?? display ?? written;
    const unitDisplay = string(unit, 'display') ?? string(unit, 'value');
    const added: Field = {
      code: `loinc-${code}`,
      name: { zh: display ?? written, en: name },
      about: { zh: `检查结果 ${unitDisplay ?? ''}`, en: `A result, LOINC ${code}` },
      kind: 'decimal',
      forms: ['referral'],
      required: [],
      instead: undefined,
      system: undefined,
      isLong: false,
      isInTemplate: false,
      paths: ['Observation.valueQuantity'],
      rules: [],
      observation: [code],
      unit: string(unit, 'value'),
      unitDisplay,
    };
    return { name: written, field: added };
  });
}

function tableFor(
  field: Field,
  definitions: Definitions,
  maps: readonly Resource[],
  shipped: readonly Resource[],
): CodeTable {
  const source = intakeValueSystem(field.code);
  const own = ownCodes(definitions, field.system);
  const written = (map: Resource) =>
    elements(map, 'group')
      .filter((group) => group.source === source)
      .flatMap((group) => targetsOfGroup(group))
      .map(({ written: words, system, target }) => ({ words, coding: codingOf(system, target, own) }));
  return codeTable([...maps.flatMap(written), ...own, ...shipped.flatMap(written)]);
}

/** A code with the display of its code system, which the map need not repeat. */
function codingOf(
  system: string,
  target: Element,
  own: readonly { words: string; coding: Coding }[],
): Coding {
  const code = String(target.code);
  const known = own.find(({ coding }) => coding.code === code && coding.system === system);
  return (
    known?.coding ?? {
      system,
      code,
      ...(target.display !== undefined && { display: String(target.display) }),
    }
  );
}

interface Target {
  written: string;
  display: string | undefined;
  system: string;
  target: Element;
}

function targetsOf(map: Resource, source: string, system: string): Target[] {
  return elements(map, 'group')
    .filter((group) => group.source === source && group.target === system)
    .flatMap(targetsOfGroup);
}

/** What a group maps; what it says is not mapped, or not the same, is left out. */
function targetsOfGroup(group: Element): Target[] {
  return elements(group, 'element').flatMap((element) =>
    elements(element, 'target')
      .filter(
        ({ code, equivalence }) =>
          code !== undefined && equivalence !== 'unmatched' && equivalence !== 'disjoint',
      )
      .slice(0, 1)
      .map((target) => ({
        written: String(element.code),
        display: string(element, 'display'),
        system: String(group.target),
        target,
      })),
  );
}
