import { refusals, refuse } from '../../fhir/refusal.ts';
import { byParameter } from '../../fhir/search/order.ts';
import type { Query } from '../../fhir/search/query.ts';
import type { Question } from './question.ts';

/**
 * So many milliseconds the thread that serves gives to a question before it hands it over: nearly all take less than
 * one, and the way to another thread costs half of one.
 */
export const trialTime = 2;

/** Beyond so much a question is not even tried on the thread that serves everybody. */
const light = 40;
/** Beyond so much it is sure to take longer than short questions may. */
const long = 1_000;
/** Beyond so many conditions SQLite would take seconds to read the statement, before anything can end it. */
const mostConditions = 5_000;

/** So many resources take longer to read than the thread that serves gives to a question. */
const longPage = 250;

/** What testing a text that can stand anywhere costs: all texts of the parameter are looked through. */
const scan = 100;
/** One of many values that are looked up together. */
const oneOfMany = 0.1;

/**
 * Whether a question may be begun on the thread that serves: nothing in it takes long before the first row comes, so
 * that it can be ended in time. `isOrdered` tells that an index gives its order. Throws `refusals.tooCostly` for one with so many conditions that none should try.
 */
export function isLight(question: Question, isOrdered: boolean): boolean {
  if (question.kind === 'history') return true;
  // Nothing of a count of all is asked for each row.
  if (question.kind === 'count' && question.filter.kind === 'all') return false;
  if (question.kind === 'search' && question.request.limit > longPage) return false;
  // Who orders all resources by a parameter reads all of them.
  if (question.kind === 'search' && question.request.filter.kind === 'all')
    if (!isOrdered && byParameter(question.request.sort)) return false;
  const filter = filterOf(question);
  const conditions = conditionsOf(filter);
  if (conditions > mostConditions) throw refuse(refusals.tooCostly, [`${conditions} > ${mostConditions}`]);
  return cost(filter) <= light;
}

/** Whether a question is sure to be a long one. */
export function isLong(question: Question): boolean {
  return question.kind !== 'history' && cost(filterOf(question)) > long;
}

function filterOf(question: Exclude<Question, { kind: 'history' }>): Query {
  return question.kind === 'search' ? question.request.filter : question.filter;
}

function cost(query: Query): number {
  switch (query.kind) {
    case 'and':
      return sum(query.of, cost);
    case 'or':
      return sum(query.of, (each) => (each.kind === 'term' ? oneOfMany : cost(each)));
    case 'not':
      return cost(query.of);
    case 'contains':
      return scan;
    case 'chain':
    case 'has':
      return 10 + cost(query.filter);
    default:
      return 1;
  }
}

function conditionsOf(query: Query): number {
  switch (query.kind) {
    case 'and':
    case 'or':
      return sum(query.of, conditionsOf);
    case 'not':
      return conditionsOf(query.of);
    case 'chain':
    case 'has':
      return 1 + conditionsOf(query.filter);
    case 'term':
      return oneOfMany;
    default:
      return 1;
  }
}

function sum(queries: readonly Query[], of: (query: Query) => number): number {
  return queries.reduce((total, query) => total + of(query), 0);
}
