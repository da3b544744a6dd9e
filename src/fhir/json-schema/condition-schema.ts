import { nameOf, nameOfFunction, parse, type Syntax, unquoted } from '../fhirpath/syntax.ts';
import { exactly } from './fixed.ts';
import { allOf, type Schema, when } from './schema.ts';

/** Which way a schema may err: `necessary` holds wherever the condition is true, `sufficient` nowhere else. */
type Mode = 'necessary' | 'sufficient';

/** The names in JSON of a member, e.g. of the choice `value`: `valueString`, `valueQuantity`, … and `value` itself. */
export type JsonNames = (member: string) => readonly string[];

const always: Schema = {};
const never: Schema = { not: {} };

/**
 * What JSON Schema can see of a FHIRPath condition on a resource: what must hold of the JSON wherever the condition is
 * true, so that it refuses nothing that the condition lets pass. Undefined where it can see nothing of it.
 */
export function necessaryFor(condition: string, jsonNames: JsonNames): Schema | undefined {
  const schema = of(parse(condition, false), 'necessary', jsonNames);
  return schema === always ? undefined : schema;
}

function of(syntax: Syntax, mode: Mode, names: JsonNames): Schema {
  const [left, right] = syntax.children ?? [];
  const both = () => [of(left!, mode, names), of(right!, mode, names)] as const;
  switch (syntax.type) {
    case 'EntireExpression':
    case 'TermExpression':
    case 'ParenthesizedTerm':
    case 'InvocationTerm':
      return of(left!, mode, names);
    case 'AndExpression':
      return conjunction(both());
    case 'OrExpression':
      return syntax.text === 'or' ? disjunction(both()) : unknown(mode);
    case 'ImpliesExpression':
      return mode === 'necessary' ? implication(of(left!, 'sufficient', names), both()[1]) : never;
    case 'EqualityExpression':
      return syntax.text === '=' ? compared(left!, literalsOf(right!), mode, names) : unknown(mode);
    case 'MembershipExpression':
      return syntax.text === 'in' ? compared(left!, literalsOf(right!), mode, names) : unknown(mode);
    case 'InvocationExpression':
    case 'FunctionInvocation':
      return called(syntax, mode, names);
    default:
      return unknown(mode);
  }
}

function unknown(mode: Mode): Schema {
  return mode === 'necessary' ? always : never;
}

function conjunction(parts: readonly Schema[]): Schema {
  if (parts.includes(never)) return never;
  const some = parts.filter((part) => part !== always);
  return some.length === 0 ? always : allOf(some);
}

function disjunction(parts: readonly Schema[]): Schema {
  if (parts.includes(always)) return always;
  const some = parts.filter((part) => part !== never);
  return some.length === 0 ? never : some.length === 1 ? some[0]! : { anyOf: some };
}

function implication(condition: Schema, consequence: Schema): Schema {
  if (condition === never || consequence === always) return always;
  return condition === always ? consequence : when(condition, consequence);
}

/** A value that is one of some literals. A collection of several values equals none, so a longer path proves nothing. */
function compared(left: Syntax, literals: unknown[] | undefined, mode: Mode, names: JsonNames): Schema {
  const path = pathOf(left, names);
  if (!path || !literals || (mode === 'sufficient' && path.length > 1)) return unknown(mode);
  const value = literals.length === 1 ? exactly(literals[0]) : { enum: literals };
  return some(path, value, mode);
}

/** A call at the end of a path that says whether something is so. */
function called(syntax: Syntax, mode: Mode, names: JsonNames): Schema {
  const isBare = syntax.type === 'FunctionInvocation';
  const call = isBare ? syntax : syntax.children![1]!;
  const path = isBare ? [] : pathOf(syntax.children![0]!, names);
  const [argument] = argumentsOf(call);
  switch (nameOfFunction(call)) {
    case 'exists':
      if (!path || (argument && endsInReference(path)))
        return path ? some(path, unknown(mode), mode) : unknown(mode);
      return some(path, argument ? of(argument, mode, names) : always, mode);
    case 'all':
      return path && argument && mode === 'necessary'
        ? every(path, of(argument, mode, names))
        : unknown(mode);
    case 'matches': {
      const [pattern] = (argument && literalsOf(argument)) ?? [];
      return path && typeof pattern === 'string' && mode === 'necessary'
        ? some(path, { type: 'string', pattern }, mode)
        : unknown(mode);
    }
    case 'startsWith':
      return spelt(path, argument, (text) => `^${text}`, mode);
    case 'endsWith':
      return spelt(path, argument, (text) => `${text}$`, mode);
    case 'empty': {
      const found = path ? some(path, always, mode === 'necessary' ? 'sufficient' : 'necessary') : undefined;
      return found ? { not: found } : unknown(mode);
    }
    case 'not':
      return mode === 'necessary' && !isBare
        ? { not: of(syntax.children![0]!, 'sufficient', names) }
        : unknown(mode);
    default:
      return unknown(mode);
  }
}

/** What is sent as `urn:uuid:…` is another text once it has been resolved. */
function endsInReference(path: readonly Step[]): boolean {
  const last = path.at(-1);
  return last !== undefined && 'names' in last && last.names.includes('reference');
}

/** A text that begins or ends in some way. */
function spelt(
  path: Step[] | undefined,
  argument: Syntax | undefined,
  pattern: (text: string) => string,
  mode: Mode,
): Schema {
  const [text] = (argument && literalsOf(argument)) ?? [];
  if (
    !path ||
    typeof text !== 'string' ||
    endsInReference(path) ||
    (mode === 'sufficient' && path.length > 1)
  )
    return unknown(mode);
  const escaped = text.replace(/[$()*+.?[\\\]^{|}/]/g, '\\$&');
  return some(path, { type: 'string', pattern: pattern(escaped) }, mode);
}

/** A step of a path: into a member by its names in JSON, or only to what meets a condition. */
type Step = { names: readonly string[] } | { where: (mode: Mode) => Schema };

/** The steps of a path; undefined where JSON Schema cannot follow it. */
function pathOf(syntax: Syntax, names: JsonNames): Step[] | undefined {
  const [left, right] = syntax.children ?? [];
  switch (syntax.type) {
    case 'TermExpression':
    case 'InvocationTerm':
    case 'ParenthesizedTerm':
      return pathOf(left!, names);
    case 'ThisInvocation':
      return [];
    case 'MemberInvocation':
      return [{ names: names(nameOf(syntax)) }];
    case 'FunctionInvocation':
      return stepsOf(syntax, names);
    case 'InvocationExpression': {
      const [before, after] = [pathOf(left!, names), pathOf(right!, names)];
      if (nameOfFunction(right!) === 'ofType') return before && ofType(before, argumentsOf(right!)[0]!);
      return before && after && [...before, ...after];
    }
    default:
      return undefined;
  }
}

function stepsOf(call: Syntax, names: JsonNames): Step[] | undefined {
  const [argument] = argumentsOf(call);
  switch (nameOfFunction(call)) {
    case 'where':
      return [{ where: (mode) => of(argument!, mode, names) }];
    case 'extension': {
      const url = literalsOf(argument!)?.[0];
      const isIt = { required: ['url'], properties: { url: exactly(url) } };
      return typeof url === 'string' ? [{ names: ['extension'] }, { where: () => isIt }] : undefined;
    }
    default:
      return undefined;
  }
}

/** The path whose last member is of one type: under the name of that type alone. */
function ofType(path: Step[], argument: Syntax): Step[] | undefined {
  const last = path.at(-1);
  const type = pathOf(argument, (member) => [member])?.[0];
  if (!last || !('names' in last) || !type || !('names' in type)) return undefined;
  const wanted = type.names[0]!;
  const suffix = wanted.slice(0, 1).toUpperCase() + wanted.slice(1);
  return [...path.slice(0, -1), { names: last.names.filter((name) => name.endsWith(suffix)) }];
}

/** Something at the end of the path meets a schema. A primitive that has only extensions is there as well. */
function some([step, ...rest]: readonly Step[], value: Schema, mode: Mode): Schema {
  if (!step) return value;
  const below = some(rest, value, mode);
  if ('where' in step) return conjunction([step.where(mode), below]);
  if (below === never) return never;
  return disjunction(
    step.names.flatMap((name) => [
      { required: [name], ...(below !== always && { properties: { [name]: anyItem(below) } }) },
      ...(rest.length === 0 && below === always && mode === 'necessary' ? [{ required: [`_${name}`] }] : []),
    ]),
  );
}

/** Everything at the end of the path meets a schema. */
function every([step, ...rest]: readonly Step[], value: Schema): Schema {
  if (!step || value === always) return value;
  const below = every(rest, value);
  if (below === always) return always;
  if ('where' in step) return implication(step.where('sufficient'), below);
  return { properties: Object.fromEntries(step.names.map((name) => [name, eachItem(below)])) };
}

const isArray = { type: 'array' };

function anyItem(schema: Schema): Schema {
  return when(isArray, { contains: schema }, schema);
}

function eachItem(schema: Schema): Schema {
  return when(isArray, { items: schema }, schema);
}

/** The values of a literal, or of several with `|` between; undefined of all else. */
function literalsOf(syntax: Syntax): unknown[] | undefined {
  const [left, right] = syntax.children ?? [];
  switch (syntax.type) {
    case 'TermExpression':
    case 'ParenthesizedTerm':
    case 'LiteralTerm':
      return literalsOf(left!);
    case 'StringLiteral':
      return [unquoted(syntax.text!)];
    case 'BooleanLiteral':
      return [syntax.text === 'true'];
    case 'UnionExpression': {
      const [before, after] = [literalsOf(left!), literalsOf(right!)];
      return before && after && [...before, ...after];
    }
    default:
      return undefined;
  }
}

function argumentsOf(call: Syntax): Syntax[] {
  return call.children?.[0]?.children?.find(({ type }) => type === 'ParamList')?.children ?? [];
}
