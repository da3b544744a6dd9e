import { refusals, refuse } from '../refusal.ts';
import { type Element, isElement } from '../resource.ts';
import { type PatchValue, withChild } from './children.ts';
import { type Content, contentOf, type Holder } from './document.ts';
import { mostParts } from './limits.ts';

/** One operation of a FHIRPath Patch (http://hl7.org/fhir/R4/fhirpatch.html). */
export interface PatchOperation {
  /** How it is named to people, e.g. `2 (replace Patient.birthDate)`. */
  label: string;
  type: string;
  path: string;
  name: string | undefined;
  value: PatchValue | undefined;
  index: number | undefined;
  source: number | undefined;
  destination: number | undefined;
}

const deepest = 20;

/** Reads the operations of a Parameters resource. Refuses (`refusals.invalidPatch`) what does not describe one. */
export function readOperations(parameters: unknown): PatchOperation[] {
  if (!isElement(parameters) || parameters.resourceType !== 'Parameters')
    throw refuse(refusals.notAPatch, [
      { zh: 'FHIRPath Patch 须为 Parameters 资源', en: 'a FHIRPath Patch is a Parameters resource' },
    ]);
  const list = parameters.parameter ?? [];
  if (!Array.isArray(list))
    throw refuse(refusals.notAPatch, [{ zh: '「parameter」须为数组', en: '"parameter" is a list' }]);
  return list.map(readOperation);
}

function readOperation(parameter: unknown, position: number): PatchOperation {
  const number = String(position + 1);
  if (!isElement(parameter) || parameter.name !== 'operation')
    throw refuse(refusals.invalidPatch, [
      number,
      { zh: '每个参数的名称须为「operation」', en: 'every parameter has the name "operation"' },
    ]);
  const parts = partsOf(parameter, number);
  const find = (name: string) => parts.find((part) => part.name === name);
  const text = (name: string) => textOf(find(name), name, number);
  const type = text('type');
  const path = text('path');
  if (type === undefined || path === undefined)
    throw refuse(refusals.invalidPatch, [
      number,
      {
        zh: `缺少部分「${type === undefined ? 'type' : 'path'}」`,
        en: `the part "${type === undefined ? 'type' : 'path'}" is missing`,
      },
    ]);
  const value = find('value');
  return {
    label: `${number} (${type.slice(0, 20)} ${path.slice(0, 200)})`,
    type,
    path,
    name: text('name'),
    value: value && readValue(value, number),
    index: integerOf(find('index'), 'index', number),
    source: integerOf(find('source'), 'source', number),
    destination: integerOf(find('destination'), 'destination', number),
  };
}

function partsOf(parameter: Element, label: string): Element[] {
  const { part = [] } = parameter;
  if (!Array.isArray(part) || part.length > mostParts || !part.every(isElement))
    throw refuse(refusals.invalidPatch, [
      label,
      {
        zh: `「part」须为至多 ${mostParts} 个对象的数组`,
        en: `"part" is a list of at most ${mostParts} objects`,
      },
    ]);
  return part;
}

function textOf(part: Element | undefined, name: string, label: string): string | undefined {
  if (!part) return undefined;
  const text = part.valueString ?? part.valueCode ?? part.valueUri ?? part.valueId;
  if (typeof text !== 'string')
    throw refuse(refusals.invalidPatch, [
      label,
      { zh: `部分「${name}」须为字符串`, en: `the part "${name}" is a string` },
    ]);
  return text;
}

function integerOf(part: Element | undefined, name: string, label: string): number | undefined {
  if (!part) return undefined;
  const integer = part.valueInteger ?? part.valueUnsignedInt ?? part.valuePositiveInt;
  if (!Number.isInteger(integer))
    throw refuse(refusals.invalidPatch, [
      label,
      { zh: `部分「${name}」须为整数`, en: `the part "${name}" is an integer` },
    ]);
  return integer as number;
}

/** The content of a part: a `value[x]`, a resource, or parts that describe an element without a name of its own. */
function readValue(part: Element, label: string, depth = 0): PatchValue {
  if (depth > deepest)
    throw refuse(refusals.invalidPatch, [label, { zh: '值嵌套过深', en: 'the value is too deeply nested' }]);
  if (part.resource !== undefined)
    return { content: contentOf(part, 'resource'), sibling: undefined, suffix: undefined };
  const key = Object.keys(part)
    .find((name) => /^_?value[A-Z]/.test(name))
    ?.replace(/^_/, '');
  if (key !== undefined)
    return {
      content: contentOf(part, key),
      sibling: contentOf(part, `_${key}`),
      suffix: key.slice('value'.length),
    };
  const members = partsOf(part, label).map((member) => ({
    name: String(member.name),
    value: readValue(member, label, depth + 1),
  }));
  if (members.length === 0)
    throw refuse(refusals.invalidPatch, [
      label,
      { zh: '部分「value」没有值', en: 'the part "value" has no value' },
    ]);
  return {
    content: undefined,
    sibling: undefined,
    suffix: undefined,
    build: (type) =>
      members.reduce<Content>(
        (built, { name, value }) => ({ value: withChild(built.value as Holder, type, name, value, label) }),
        { value: {} },
      ),
  };
}
