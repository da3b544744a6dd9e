import { type Coding, type Element, isElement } from '../resource.ts';
import type { KnownCodes } from '../terminology/known-codes.ts';
import { codeRules } from './code-rules.ts';
import { findings } from './findings/findings.ts';
import { inParts, type Membership, type OpenPart } from './open-parts.ts';
import type { Report } from './report.ts';
import type { ValueSetContents, ValueSets } from './value-sets.ts';
import type { Visit } from './visit.ts';

/** The binding of an element to a value set, as an ElementDefinition states it. */
export interface ElementBinding {
  strength: 'required' | 'extensible' | 'preferred' | 'example';
  valueSet?: string;
}

/** Checks the coded value of an element against the value set that it is bound to. */
export type Binding = (value: unknown, visit: Pick<Visit, 'report' | 'codes'>) => void;

/**
 * The check of a binding (http://hl7.org/fhir/R4/terminologies.html#strength), or undefined when it holds nobody
 * to anything. A required code that is not in its value set is an error; for an extensible one, a warning is given
 * when its system is one that the value set draws on.
 */
export function compileBinding(binding: ElementBinding, type: string, sets: ValueSets): Binding | undefined {
  const { strength, valueSet } = binding;
  if (!valueSet || (strength !== 'required' && strength !== 'extensible')) return undefined;
  let contents: ValueSetContents | undefined;
  let expanded = -1;
  const expand = () => {
    if (expanded !== sets.generation) contents = sets.find(valueSet);
    expanded = sets.generation;
    return contents;
  };
  const check = strength === 'required' ? required : extensible;
  const read = codingsOf[type] ?? codingsOf.code!;
  return (value, { report, codes }) => {
    const set = expand();
    if (set) check(read(value), { set, url: valueSet, report, codes }, value);
  };
}

/** The codings that a coded value carries, by type; undefined for one that is not there. */
const codingsOf: Record<string, (value: unknown) => (Coding | string)[]> = {
  code: (value) => (typeof value === 'string' ? [value] : []),
  Coding: (value) => (isElement(value) ? [value] : []),
  CodeableConcept: (value) =>
    isElement(value) && Array.isArray(value.coding) ? value.coding.filter(isElement) : [],
  Quantity: (value) => (isElement(value) && value.code !== undefined ? [value] : []),
};

/** A value set that is held to, and where what is wrong is told. */
interface Holding {
  set: ValueSetContents;
  url: string;
  report: Report;
  codes: KnownCodes | undefined;
}

function required(codings: (Coding | string)[], { set, url, report, codes }: Holding, value: unknown): void {
  if (codings.length === 0) {
    if (isElement(value) && value.value === undefined && !hasExtension(value)) {
      report.add(findings.noCodeFromValueSet, [url], value);
    }
    return;
  }
  if (codings.every((coding) => membership(coding, set, codes) === 'out')) {
    const text = codings.map(codeText).join(', ');
    const system = codings.map((coding) => systemOf(coding, set)).find((each) => each !== undefined);
    const list = shortList(set);
    if (system !== undefined) report.add(findings.codeOfOtherSystem, [text, url, system], text);
    else if (list) report.add(findings.codeNotListed, [text, url, list], text);
    else report.add(findings.codeNotInValueSet, [text, url], text);
  }
}

/** The most codes that a message lists. */
export const mostListed = 20;

/** The codes of a value set, when they are few and all are known. */
function shortList({ listed, open, incomplete }: ValueSetContents): string | undefined {
  if (incomplete || open.size > 0) return undefined;
  const codes = [...listed.values()].flatMap((each) => [...each]);
  return codes.length <= mostListed ? codes.join(', ') : undefined;
}

/** The system under which a value set has the code that was sent under another. */
function systemOf(coding: Coding | string, { listed }: ValueSetContents): string | undefined {
  if (typeof coding === 'string') return undefined;
  return [...listed].find(
    ([system, codes]) => system !== coding.system && codes.has(plain(coding.code)),
  )?.[0];
}

function extensible(codings: (Coding | string)[], { set, url, report, codes }: Holding): void {
  if (codings.length === 0 || codings.some((coding) => membership(coding, set, codes) !== 'out')) return;
  const drawnOn = codings.find(
    (coding) =>
      typeof coding !== 'string' &&
      (set.listed.has(coding.system ?? '') || set.open.has(coding.system ?? '')),
  );
  if (!drawnOn) return;
  const list = shortList(set);
  const text = codeText(drawnOn);
  if (list) report.add(findings.codeOutsideListed, [text, url, list], text);
  else report.add(findings.codeOutsideExtensible, [text, url], text);
}

/** Whether a coded value is in a value set, as far as that can be told. */
export function isInValueSet(value: unknown, set: ValueSetContents): boolean {
  const codings = isElement(value) && Array.isArray(value.coding) ? value.coding.filter(isElement) : [value];
  return codings.some((coding) => isCoded(coding) && membership(coding, set) === 'in');
}

/** The same, and undefined where it cannot be told. */
export function membershipOf(value: unknown, set: ValueSetContents, codes?: KnownCodes): boolean | undefined {
  const codings = isElement(value) && Array.isArray(value.coding) ? value.coding.filter(isElement) : [value];
  const memberships = codings.filter(isCoded).map((coding) => membership(coding, set, codes));
  if (memberships.includes('in')) return true;
  return memberships.includes('unknown') ? undefined : false;
}

function isCoded(value: unknown): value is Coding | string {
  return typeof value === 'string' || isElement(value);
}

function membership(coding: Coding | string, set: ValueSetContents, codes?: KnownCodes): Membership {
  if (typeof coding === 'string') return codeMembership(coding, set);
  const { system, code } = coding;
  if (system === undefined || code === undefined) return set.incomplete ? 'unknown' : 'out';
  if (set.listed.get(system)?.has(code)) return 'in';
  const parts = set.open.get(system);
  if (parts) return byRule(system, code, parts, codes);
  return set.incomplete ? 'unknown' : 'out';
}

/** A bare code has its system from the value set. */
function codeMembership(code: string, set: ValueSetContents): Membership {
  for (const codes of set.listed.values()) if (codes.has(code)) return 'in';
  for (const [system, parts] of set.open) {
    const found = byRule(system, code, parts, undefined);
    if (found !== 'out') return found;
  }
  return set.incomplete ? 'unknown' : 'out';
}

function byRule(
  system: string,
  code: string,
  parts: readonly OpenPart[],
  codes: KnownCodes | undefined,
): Membership {
  const rule = codeRules.get(system);
  if (!rule) return inParts(code, parts, codes);
  return rule(code) ? 'in' : 'out';
}

function codeText(coding: Coding | string): string {
  return typeof coding === 'string' ? coding : `${plain(coding.system)}|${plain(coding.code)}`;
}

/** Where a text is owed a client may have sent anything, even an object whose `toString` is a number. */
function plain(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function hasExtension(value: Element): boolean {
  return Array.isArray(value.extension) && value.extension.length > 0;
}
