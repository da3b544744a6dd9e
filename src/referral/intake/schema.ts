import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import type { Field, Form } from './fields.ts';
import { intakeLimits } from './limits.ts';
import type { Mapping } from './mapping.ts';

/** A JSON Schema (https://json-schema.org/draft/2020-12/schema). */
export type Schema = Record<string, unknown>;

/** Figures as people type them, full-width ones too. */
const figure = '[0-9\\uFF10-\\uFF19]';

/** The beginnings of what `readDate` reads; what follows the day is read by it alone. */
const datePattern = `^\\s*(${figure}{4}\\s*[-/.年]\\s*${figure}{1,2}\\s*[-/.月]\\s*${figure}{1,2}.*|${figure}{8}([T ]?${figure}{4}(${figure}{2})?)?|${figure}{5}(\\.${figure}+)?)\\s*$`;

/** Characters of a text, unless its field is for long ones. */
const shortText = 500;

/** The schema of what a form takes under a mapping: one object or an array, under every name that a column may have. */
export function schemaOf(mapping: Mapping, form: Form, id: string): Schema {
  const fields = fieldsOf(mapping, form);
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: id,
    title:
      form === 'referral' ? '转诊平面表 / Flat form of referrals' : '转诊步骤平面表 / Flat form of steps',
    description:
      '栏名不分大小写、空格和短横;全角数字同半角。Names are told apart neither by case nor by spaces and dashes; full-width figures are read as others.',
    oneOf: [
      { $ref: '#/$defs/row' },
      { type: 'array', items: { $ref: '#/$defs/row' }, minItems: 1, maxItems: intakeLimits.rows },
    ],
    $defs: {
      row: {
        type: 'object',
        properties: Object.fromEntries(
          fields.flatMap((field) =>
            mapping.namesOf(field).map((name) => [name, { $ref: `#/$defs/${field.code}` }]),
          ),
        ),
        allOf: fields
          .filter(({ required }) => required.includes(form))
          .map((field) => ({
            title: field.code,
            anyOf: namesThatDo(mapping, fields, field).map((name) => ({ required: [name] })),
          })),
        additionalProperties: true,
      },
      ...Object.fromEntries(fields.map((field) => [field.code, schemaOfField(mapping, field)])),
    },
  };
}

/** Compiles the check of one row, under the fields' own codes. It gives all errors. */
export function compileRowCheck(schema: Schema): ValidateFunction {
  const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true });
  ajv.addSchema(schema);
  return ajv.getSchema(`${schema.$id}#/$defs/row`)!;
}

/** The field that an error of the check is about. */
export function fieldOfError(
  schema: Schema,
  { instancePath, schemaPath, keyword }: ErrorObject,
): string | undefined {
  const [, code] = /^\/([^/]+)/.exec(instancePath) ?? [];
  if (code !== undefined) return code.replaceAll('~1', '/').replaceAll('~0', '~');
  // Of a field that is missing, that none of its names is there is told; that each is not there need not be.
  const [, index] = /\/allOf\/(\d+)\/anyOf$/.exec(schemaPath) ?? [];
  if (keyword !== 'anyOf' || index === undefined) return undefined;
  const { row } = schema.$defs as { row: { allOf: { title: string }[] } };
  return row.allOf[Number(index)]!.title;
}

/** The fields of a form. */
export function fieldsOf(mapping: Mapping, form: Form): Field[] {
  return mapping.fields.filter(({ forms }) => forms.includes(form));
}

function namesThatDo(mapping: Mapping, fields: readonly Field[], field: Field): string[] {
  const instead = fields.find(({ code }) => code === field.instead);
  return [...mapping.namesOf(field), ...(instead ? mapping.namesOf(instead) : [])];
}

function schemaOfField(mapping: Mapping, field: Field): Schema {
  const { name, about, isLong, kind } = field;
  const described = { title: `${name.zh} / ${name.en}`, description: `${about.zh} / ${about.en}` };
  switch (kind) {
    case 'text':
      return { ...described, ...textSchema(isLong) };
    case 'date':
    case 'dateTime':
      return { ...described, type: ['string', 'number'], pattern: datePattern, maxLength: 60 };
    case 'boolean':
      return {
        ...described,
        type: ['boolean', 'string', 'number'],
        enum: [true, false, '是', '否', 'yes', 'no', 'true', 'false', '1', '0', 1, 0, '有', '无'],
      };
    case 'decimal':
      return {
        ...described,
        type: ['number', 'string'],
        pattern: `^\\s*[+-]?${figure}{1,12}([.\\uFF0E]${figure}{1,6})?[^0-9]{0,10}$`,
      };
    case 'code':
      return { ...described, type: ['string', 'number', 'boolean'], enum: mapping.tableOf(field).words };
    case 'codes': {
      const words = mapping.tableOf(field).words;
      const list = { type: 'array', items: { enum: words }, minItems: 1, maxItems: 20 };
      return {
        ...described,
        anyOf: [{ type: 'string', maxLength: 1_000 }, list],
        examples: words.slice(0, 5),
      };
    }
    default:
      throw new TypeError(`Unknown kind ${kind satisfies never}`);
  }
}

function textSchema(isLong: boolean): Schema {
  const maxLength = isLong ? intakeLimits.cell : shortText;
  const list = { type: 'array', items: { type: 'string', maxLength }, maxItems: 50 };
  return isLong
    ? { anyOf: [{ type: ['string', 'number'], maxLength }, list] }
    : { type: ['string', 'number'], maxLength };
}
