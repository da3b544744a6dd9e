import { isResource } from '../resource.ts';
import { functions } from './functions/index.ts';
import { itemAt } from './functions/subsetting.ts';
import { member } from './navigate.ts';
import { empty, type Item, type Items, Node, operand, single, truth, typeOf } from './node.ts';
import { operators } from './operators.ts';
import { duration, Quantity } from './quantity.ts';
import { type Evaluate, type Scope, variable } from './scope.ts';
import { nameOf, type Syntax, unquoted } from './syntax.ts';
import { parseDate, parseDateTime, parseTime } from './temporal.ts';
import { isA, isConvertible, isKnownType, type TypeName, typeNamed, unknownType } from './types.ts';
import { Unsupported } from './unsupported.ts';

/**
 * Translates a syntax tree to functions over JSON. Throws `Unsupported` when a construct is not known here, and a
 * SyntaxError for a literal that cannot be.
 */
export function translate(syntax: Syntax): Evaluate {
  const build = constructs[syntax.type];
  if (!build) throw new Unsupported(syntax.type);
  return build(syntax, syntax.children ?? []);
}

type Construct = (syntax: Syntax, children: readonly Syntax[]) => Evaluate;

const inner: Construct = (_, [child]) => translate(child!);
const self: Evaluate = (items) => items;

/** A binary operator. A literal such as `7.0` keeps no digits, which matters only to operators not named here. */
const operator: Construct = ({ text }, [left, right]) => {
  const build = operators[text!];
  if (!build) throw new Unsupported(text);
  const [a, b] = [left!, right!].map((side) => numberLiteral(side) ?? translate(side));
  return build(a!, b!);
};

const constructs: Readonly<Record<string, Construct>> = {
  EntireExpression: inner,
  TermExpression: inner,
  InvocationTerm: inner,
  ParenthesizedTerm: inner,
  LiteralTerm: inner,
  AndExpression: operator,
  OrExpression: operator,
  XorExpression: operator,
  ImpliesExpression: operator,
  EqualityExpression: operator,
  InequalityExpression: operator,
  MembershipExpression: operator,
  AdditiveExpression: operator,
  MultiplicativeExpression: operator,
  UnionExpression: (_, [left, right]) => operators['|']!(translate(left!), translate(right!)),
  TypeExpression: ({ text }, [operand, type]) => typeTest(text!, translate(operand!), typeNameOf(type!)),
  InvocationExpression: (_, [input, invocation]) => {
    const { type } = invocation!;
    if (type === 'MemberInvocation') return member(translate(input!), nameOf(invocation!));
    if (type === 'FunctionInvocation') return call(translate(input!), invocation!);
    throw new Unsupported(type);
  },
  IndexerExpression: (_, [collection, index]) => {
    const items = translate(collection!);
    const at = translate(index!);
    return (focus, scope) => itemAt(items(focus, scope), at(focus, scope));
  },
  MemberInvocation: (syntax) => headMember(nameOf(syntax)),
  FunctionInvocation: (syntax) => call(self, syntax),
  ThisInvocation: () => self,
  IndexInvocation: () => (_, scope) => (scope.index < 0 ? empty : [scope.index]),
  ExternalConstantTerm: ({ text, delimitedText }) => {
    const name = delimitedText === undefined ? text! : unquoted(delimitedText);
    return (_, scope) => variable(name, scope);
  },
  PolarityExpression: ({ text }, [child]) => {
    const value = numberLiteral(child!) ?? translate(child!);
    return (focus, scope) => [signed(operand(single(value(focus, scope))!), text === '-' ? -1 : 1)];
  },
  NullLiteral: () => () => empty,
  BooleanLiteral: ({ text }) => constant(truth(text === 'true')),
  StringLiteral: ({ text }) => constant([unquoted(text!)]),
  NumberLiteral: ({ text }) => {
    if (/\.\d*0$/.test(text!)) throw new Unsupported('A decimal whose digits matter');
    return constant([number(text!)]);
  },
  QuantityLiteral: ({ value, unit }) => {
    const quantity = unit!.startsWith("'")
      ? new Quantity(Number(value), unquoted(unit!), false)
      : duration(Number(value), unit!);
    if (!quantity) throw new Unsupported(`Unit ${unit}`);
    return constant([quantity]);
  },
  DateLiteral: ({ text }) => temporal(text!, parseDate),
  DateTimeLiteral: ({ text }) => temporal(text!, parseDateTime),
  TimeLiteral: ({ text }) => temporal(text!, parseTime),
};

function constant(items: Items): Evaluate {
  return () => items;
}

function number(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value)) throw new SyntaxError(`${text.slice(0, 20)}… is too large`);
  return value;
}

/** The value of an operand that is just a number, whatever its digits. */
function numberLiteral(syntax: Syntax): Evaluate | undefined {
  if (syntax.type === 'NumberLiteral') return constant([number(syntax.text!)]);
  const wraps = syntax.type === 'TermExpression' || syntax.type === 'LiteralTerm';
  return wraps ? numberLiteral(syntax.children![0]!) : undefined;
}

function temporal(text: string, parse: (text: string) => Item | undefined): Evaluate {
  const value = parse(text.slice(1));
  if (value === undefined) throw new SyntaxError(`${text} is not a date or time`);
  return constant([value]);
}

function signed(value: unknown, sign: 1 | -1): Item {
  if (typeof value === 'number') return sign * value;
  if (value instanceof Quantity)
    return new Quantity(sign * value.value, value.unit, value.calendar, value.recorded, value.word);
  throw new TypeError('Only a number or a quantity can have a sign');
}

/**
 * A name at the start of a path: that of a member, or of the type that the root has
 * (http://hl7.org/fhirpath/N1/#path-selection), which also tells the type of a root of which nothing is known.
 */
function headMember(name: string): Evaluate {
  const children = member(self, name);
  const type = typeNamed(name);
  if (type === unknownType || type.primitive) return children;
  const ofThatType = (item: Item, { root }: Scope): Item | undefined => {
    if (!(item instanceof Node)) return undefined;
    if (isResource(item.value)) return isA(item.type, type) && isRootOr(item, name, root) ? item : undefined;
    if (!root.includes(item)) return undefined;
    if (item.type === unknownType) return new Node(item.value, type, item.sibling);
    return isA(item.type, type) ? item : undefined;
  };
  return (items, scope) => items.flatMap((item) => ofThatType(item, scope) ?? []);
}

/** A resource within another goes by its own type only, the root also by the types that it derives from. */
function isRootOr(item: Node, name: string, root: Items): boolean {
  return item.type.name === name || root.includes(item);
}

function call(input: Evaluate, invocation: Syntax): Evaluate {
  const [nameSyntax, list] = invocation.children![0]!.children!;
  const name = unquoted(nameSyntax!.text!);
  const parameters = list?.children ?? [];
  if (name === 'is' || name === 'as' || name === 'ofType') {
    if (parameters.length !== 1) throw new Unsupported(`${name} with ${parameters.length} parameters`);
    return typeTest(name, input, typeNameOf(parameters[0]!));
  }
  const definition = functions.get(name);
  if (!definition) throw new Unsupported(`${name}()`);
  const [least, most] = definition.parameters;
  if (parameters.length < least || parameters.length > most)
    throw new Unsupported(`${name} with ${parameters.length} parameters`);
  return definition.build(input, parameters.map(translate));
}

function typeNameOf(syntax: Syntax): TypeName {
  const parts = (syntax.text ?? '').split('.').map(unquoted);
  const [namespace, name] = parts.length === 2 ? [parts[0]!, parts[1]!] : [undefined, parts[0]!];
  const type = { namespace, name };
  if (parts.length > 2 || !isKnownType(type)) throw new Unsupported(`Type ${syntax.text}`);
  return type;
}

/**
 * `is`, `as` and `ofType` (http://hl7.org/fhirpath/N1/#types). R4 has paths that use `as` on several items
 * (`Group.characteristic.value as CodeableConcept`), so it filters, where later versions want a single item.
 */
function typeTest(name: string, input: Evaluate, wanted: TypeName): Evaluate {
  if (name === 'is') {
    return (focus, scope) => {
      const item = single(input(focus, scope));
      return item === undefined ? empty : truth(isA(typeOf(item), wanted));
    };
  }
  const test = name === 'as' ? isA : isConvertible;
  return (focus, scope) => input(focus, scope).filter((item) => test(typeOf(item), wanted));
}
