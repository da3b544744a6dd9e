import { type Element, isElement, isResource } from '../../resource.ts';
import { findings } from '../findings/findings.ts';
import type { FindingKind } from '../findings/kind.ts';
import { enterResource, type Visit, visitAgain } from '../visit.ts';
import { holderOf, type Instance, instancesOf } from './instances.ts';
import type { Profiles } from './profiles.ts';
import type { ElementRules, Slice, Slicing } from './rules.ts';

/** Checks an occurrence of an element, where the visit stands, and all that is in it. */
export function checkInstance(
  rules: ElementRules,
  instance: Instance,
  visit: Visit,
  profiles: Profiles,
): void {
  for (const check of rules.checks) check(instance, visit);
  const urls = rules.typeProfiles.get(instance.type) ?? rules.typeProfiles.get('Resource');
  if (urls) checkTypeProfiles(urls, instance, visit, profiles);
  const holder = holderOf(instance);
  if (!holder) return;
  for (const child of rules.children) {
    if (visit.report.full) return;
    checkElement(child, holder, visit, profiles);
  }
}

function checkElement(rules: ElementRules, holder: Element, visit: Visit, profiles: Profiles): void {
  const instances = instancesOf(holder, rules.properties);
  checkCount(rules, instances.length, visit);
  const { types } = rules;
  for (const instance of instances) {
    if (!types || types.has(instance.type)) inside(rules, instance, visit, profiles);
    else visit.report.add(findings.choiceType, [rules.label, instance.type, [...types].join(', ')]);
  }
  checkSlices(rules, instances, visit, profiles);
}

function inside(rules: ElementRules, instance: Instance, visit: Visit, profiles: Profiles): void {
  visit.place.enter(rules.name, instance.index);
  const inner = isResource(instance.value) ? instance.value : undefined;
  const leave = inner && enterResource(visit, inner, rules.name === 'contained');
  checkInstance(rules, instance, visit, profiles);
  leave?.();
  visit.place.leave();
}

function checkCount({ cardinality, label }: ElementRules, count: number, { report }: Visit): void {
  if (!cardinality) return;
  const { min, max } = cardinality;
  if (count === 0 && min === 1) report.add(findings.missing, [label]);
  else if (count < min) report.add(findings.tooFew, [label, String(min), String(count)]);
  else if (count > 0 && max === 0) report.add(findings.notAllowed, [label]);
  else if (count > max) report.add(findings.tooMany, [label, String(max), String(count)]);
}

/** Each occurrence goes to the first slice that it matches; what no slice takes is right unless the slicing is closed. */
function checkSlices(
  rules: ElementRules,
  instances: readonly Instance[],
  visit: Visit,
  profiles: Profiles,
): void {
  const { slicing, slices } = rules;
  if (!slicing || slices.length === 0) return;
  const taken = new Map<Slice, Instance[]>(slices.map((slice) => [slice, []]));
  let latest = 0;
  for (const instance of instances) {
    const at = slices.findIndex((slice) => belongs(slice, instance, visit, profiles));
    taken.get(slices[at]!)?.push(instance);
    const problem = misplaced(slicing, at, latest);
    if (problem) {
      visit.place.enter(rules.name, instance.index);
      visit.report.add(problem, [rules.label], instance.value);
      visit.place.leave();
    }
    if (at !== -1) latest = Math.max(latest, at);
    else if (slicing.rules === 'openAtEnd') latest = slices.length;
  }
  for (const [slice, members] of taken) {
    if (!slice.matches && slicing.discriminated) visit.report.add(findings.sliceNotEvaluated, [slice.label]);
    checkCount(slice, members.length, visit);
    for (const instance of members) inside(slice, instance, visit, profiles);
    checkSlices(slice, members, visit, profiles);
  }
}

/** By the discriminators; where they tell nothing, what breaks no rule of a slice belongs to it. */
function belongs(slice: Slice, instance: Instance, visit: Visit, profiles: Profiles): boolean {
  if (slice.matches) return slice.matches(instance, visit);
  const trial = visitAgain(visit);
  if (slice.types && !slice.types.has(instance.type)) return false;
  checkInstance(slice, instance, trial, profiles);
  return !trial.report.hasErrors;
}

/**
 * What is wrong with an occurrence that belongs to the slice `at` (-1: to none) after one of the slice `latest`:
 * nothing may stand outside of a closed slicing, nor before the end of one that is open there.
 */
function misplaced({ ordered, rules }: Slicing, at: number, latest: number): FindingKind | undefined {
  if (at === -1) return rules === 'closed' ? findings.noSlice : undefined;
  return (ordered || rules === 'openAtEnd') && at < latest ? findings.sliceOrder : undefined;
}

/** A value follows the profile of its type; where there are several, one of them. */
function checkTypeProfiles(
  urls: readonly string[],
  instance: Instance,
  visit: Visit,
  profiles: Profiles,
): void {
  const [first, ...others] = urls.map((url) => profiles.find(url));
  if (first && others.length === 0 && first.type === instance.type) {
    profiles.check(first, instance, visit);
    return;
  }
  // One that is not known may be the one that is followed; a base type is known without being a profile.
  const { value, type } = instance;
  const verdicts = urls.map((url) => profiles.conformsTo(url, value, type, visit));
  const unknown = urls.filter((_, at) => verdicts[at] === undefined);
  if (verdicts.includes(true)) return;
  if (unknown.length > 0) visit.report.add(findings.typeProfileNotChecked, [unknown.join(', ')]);
  else if (isElement(value)) visit.report.add(findings.typeProfile, [urls.join(', ')]);
}
