import r4 from 'fhirpath/fhir-context/r4';

/** What the definitions say of R4's elements, by path (`Patient.contact.name`). */
interface Model {
  /** The types that a choice element may have, capitalised: `Observation.value` → `Quantity`, `String`, … */
  choiceTypePaths: Record<string, string[]>;
  /** Where the content of a path is defined, if elsewhere: `Questionnaire.item.item` → `Questionnaire.item`. */
  pathsDefinedElsewhere: Record<string, string>;
  path2Type: Record<string, string>;
  path2Repeating: Record<string, true>;
  type2Parent: Record<string, string>;
  availableTypes: Set<string>;
}

const model = r4 as unknown as Model;

/** The type of a node, as far as the definitions or the data tell. */
export interface ElementType {
  /** Where its members are defined: a type (`HumanName`) or, for a backbone element, a path (`Patient.contact`). */
  readonly path: string;
  /** `FHIR`, `System`, or undefined when nothing is known. */
  readonly namespace: 'FHIR' | 'System' | undefined;
  /** The name that `is` and `ofType` go by, e.g. `BackboneElement`; empty when nothing is known. */
  readonly name: string;
  /** A value of this type may name its own type in `resourceType`. */
  readonly abstract: boolean;
  /** Its JSON value is not an object, so that its extensions stand beside it, under `_name`. */
  readonly primitive: boolean;
  readonly members: Map<string, readonly Property[]>;
  readonly properties: Map<string, Property>;
}

/** One JSON property that an element may be found under, e.g. `valueQuantity`. */
export interface Property {
  readonly key: string;
  /** The property with the id and the extensions of a primitive (http://hl7.org/fhir/R4/json.html#primitive). */
  readonly siblingKey: string;
  readonly type: ElementType;
  /** It may occur several times, so that its JSON is a list. */
  readonly repeats: boolean;
}

/** A type as an expression names it, e.g. `FHIR.Patient` or `Quantity`. */
export interface TypeName {
  namespace: string | undefined;
  name: string;
}

const systemTypes = new Set([
  'Boolean',
  'String',
  'Integer',
  'Long',
  'Decimal',
  'Date',
  'DateTime',
  'Time',
  'Quantity',
]);

/** http://hl7.org/fhir/R4/fhirpath.html#types */
const conversions = new Map<string, string>(
  Object.entries({
    Boolean: ['boolean'],
    String: ['string', 'uri', 'code', 'oid', 'id', 'uuid', 'markdown', 'base64Binary'],
    Integer: ['integer', 'unsignedInt', 'positiveInt'],
    Decimal: ['decimal'],
    DateTime: ['date', 'dateTime', 'instant'],
    Time: ['time'],
    Quantity: ['Quantity'],
  }).flatMap(([to, from]) => from.map((name): [string, string] => [name, to])),
);

function elementType(path: string, namespace: ElementType['namespace'], name: string): ElementType {
  return {
    path,
    namespace,
    name,
    abstract: name === '' || name === 'Resource' || name === 'DomainResource',
    primitive: name === '' || namespace === 'System' || /^[a-z]/.test(name),
    members: new Map(),
    properties: new Map(),
  };
}

/** The type of what no definition describes. */
export const unknownType: ElementType = elementType('', undefined, '');

const types = new Map<string, ElementType>();

/** The R4 type of this name (`Patient`, `HumanName`, `code`); `unknownType` when there is none. */
export function typeNamed(name: string): ElementType {
  return model.availableTypes.has(name) ? interned(name, name) : unknownType;
}

/** The type of the elements at a path of the definitions: `Patient`, `Patient.contact`, `Patient.contact.name`. */
export function typeAt(path: string): ElementType {
  const [head, ...rest] = path.split('.');
  return rest.reduce((type, key) => propertyOf(type, key).type, typeNamed(head!));
}

function interned(path: string, name: string): ElementType {
  const id = `${path} ${name}`;
  let type = types.get(id);
  if (!type) {
    type = name.startsWith('System.')
      ? elementType(path, 'System', name.slice('System.'.length))
      : elementType(path, 'FHIR', name);
    types.set(id, type);
  }
  return type;
}

/**
 * The properties that a member may be found under: several for a choice element (`value`), otherwise one. None for a
 * name such as `constructor`, which JavaScript finds in every object.
 */
export function membersOf(type: ElementType, name: string): readonly Property[] {
  if (name in Object.prototype) return [];
  let members = type.members.get(name);
  if (!members) {
    const choices = type === unknownType ? anyChoices.get(name) : inherited(type, name, choicesAt);
    members = choices
      ? [
          ...(type === unknownType ? [property(name, unknownType)] : []),
          ...choices.map((of) => choice(type, name, of)),
        ]
      : [propertyOf(type, name)];
    remember(type.members, name, members);
  }
  return members;
}

function choice(type: ElementType, name: string, suffix: string): Property {
  if (type !== unknownType) return propertyOf(type, name + suffix);
  const primitive = suffix[0]!.toLowerCase() + suffix.slice(1);
  return property(name + suffix, typeNamed(model.availableTypes.has(suffix) ? suffix : primitive));
}

/** The property of that JSON name. */
export function propertyOf(type: ElementType, key: string): Property {
  let found = type.properties.get(key);
  if (!found) {
    found =
      key === 'extension'
        ? property(key, typeNamed('Extension'), true)
        : property(
            key,
            inherited(type, key, typeAtPath) ?? unknownType,
            inherited(type, key, repeatsAt) ?? false,
          );
    remember(type.properties, key, found);
  }
  return found;
}

function property(key: string, type: ElementType, repeats = false): Property {
  return { key, siblingKey: `_${key}`, type, repeats };
}

/** Names come from clients: those that mean nothing are not kept without bound. */
function remember<T>(map: Map<string, T>, name: string, value: T): void {
  if (map.size < 500) map.set(name, value);
}

/** What `find` gives for `path.name`, or for that name in the nearest parent type that has it. */
function inherited<T>(type: ElementType, name: string, find: (path: string) => T | undefined): T | undefined {
  let found = find(`${type.path}.${name}`);
  for (let at: string | undefined = type.name; found === undefined && at; at = model.type2Parent[at])
    found = find(`${at}.${name}`);
  return found;
}

function choicesAt(path: string): string[] | undefined {
  return model.choiceTypePaths[model.pathsDefinedElsewhere[path] ?? path];
}

function repeatsAt(path: string): true | undefined {
  return model.path2Repeating[model.pathsDefinedElsewhere[path] ?? path];
}

function typeAtPath(path: string): ElementType | undefined {
  const at = model.pathsDefinedElsewhere[path] ?? path;
  const name = model.path2Type[at];
  if (name === undefined) return undefined;
  return interned(name === 'Element' || name === 'BackboneElement' ? at : name, name);
}

/** For elements of unknown type: the choice elements of all types, by name. */
const anyChoices = new Map<string, string[]>();
for (const [path, suffixes] of Object.entries(model.choiceTypePaths)) {
  const name = path.slice(path.lastIndexOf('.') + 1);
  anyChoices.set(name, [...new Set([...(anyChoices.get(name) ?? []), ...suffixes])]);
}

/** True of a type that R4 or FHIRPath itself has. */
export function isKnownType({ namespace, name }: TypeName): boolean {
  return (
    (namespace !== 'FHIR' && systemTypes.has(name)) ||
    (namespace !== 'System' && model.availableTypes.has(name))
  );
}

/** True when `type` is `wanted` or derives from it. */
export function isA(type: { namespace: string | undefined; name: string }, wanted: TypeName): boolean {
  if (wanted.namespace && wanted.namespace !== type.namespace) return false;
  if (type.namespace !== 'FHIR') return type.name === wanted.name;
  for (let name: string | undefined = type.name; name; name = model.type2Parent[name])
    if (name === wanted.name) return true;
  return false;
}

/** True when `isA`, or when FHIR says that `type` converts to the System type `wanted` by itself. */
export function isConvertible(
  type: { namespace: string | undefined; name: string },
  wanted: TypeName,
): boolean {
  return (
    isA(type, wanted) ||
    (type.namespace === 'FHIR' && wanted.namespace !== 'FHIR' && conversions.get(type.name) === wanted.name)
  );
}
