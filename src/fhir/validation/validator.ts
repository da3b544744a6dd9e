import type { Definitions } from '../definitions/definitions.ts';
import { withJsonPath } from '../json-path.ts';
import { nearest } from '../nearest.ts';
import type { Issue } from '../outcome.ts';
import { isElement, isResource, type Resource } from '../resource.ts';
import type { StructureDefinition } from '../snapshots/element-definition.ts';
import { generateSnapshot } from '../snapshots/generate-snapshot.ts';
import { withSnapshots } from '../snapshots/with-snapshots.ts';
import type { CodeTable } from '../terminology/code-table.ts';
import type { KnownCodes } from '../terminology/known-codes.ts';
import { checkAttachment } from './attachments.ts';
import { membershipOf } from './bindings.ts';
import { bundleEntries } from './bundle-entries.ts';
import { createCodingChecks } from './codings.ts';
import { createExtensionCheck } from './extensions.ts';
import { findings } from './findings/findings.ts';
import { createProfiles } from './profile/profiles.ts';
import type { Report } from './report.ts';
import { createShapes } from './shapes.ts';
import { createValueSets } from './value-sets.ts';
import { type Bounds, type Judges, startVisit, type Visit, visitBeside } from './visit.ts';
import { vitalSignsProfile } from './vital-signs.ts';
import { walkResource } from './walk.ts';

/** Checks resources against the definitions. All of them report every issue at once, and never throw. */
export interface Validator {
  /** To be told that definitions have changed: what was made of them, save of R4's own types, is made anew. */
  forget(): void;
  /** Whether resources can be checked by this profile, or base definition. */
  knows(profile: string): boolean;
  /** The issues of a resource by the base R4 definition of its type. */
  validateBase(resource: unknown): Issue[];
  /** The issues of a resource by a profile alone: what it demands beyond the base definition. */
  validateProfile(url: string, resource: Resource): Issue[];
  /**
   * The issues of a resource that is to be kept by the profiles that it claims in `meta.profile`, and by that of vital
   * signs if it is one: what breaks that one alone is a warning.
   */
  validateClaimed(resource: Resource): Issue[];
  /** The issues by the base definition, the profiles that resources claim in `meta.profile`, and those given. */
  validate(resource: unknown, profiles?: readonly string[]): Issue[];
  /** The tables of the codes of a system, where there are any: of that version, else of all. */
  tablesOf(system: string, version?: string): readonly CodeTable[];
  /** The same validator, which knows what tables say of these codes; of others of their systems it says nothing. */
  knowing(codes: KnownCodes): Validator;
}

const absolute = /^(?:#|[A-Za-z][A-Za-z0-9+.-]*:)/;

const abstractTypes = new Set(['Resource', 'DomainResource']);

const usualBounds: Bounds = { maxDepth: 100, maxIssues: 200 };

/**
 * A validator that works by these definitions (http://hl7.org/fhir/R4/validation.html). What it needs of a
 * definition is compiled when a resource first asks for it. Of the profiles `shipped` it is known that there are no
 * others below their addresses.
 */
export function createValidator(
  given: Definitions,
  bounds: Partial<Bounds> = {},
  shipped: Definitions = given,
): Validator {
  const definitions = withSnapshots(given);
  const limits = { ...usualBounds, ...bounds };
  const sets = createValueSets(definitions);
  const isOfStranger = (url: string) =>
    given.find('StructureDefinition', url) !== shipped.find('StructureDefinition', url);
  const profiles = createProfiles(definitions, sets, isOfStranger);
  const codings = createCodingChecks(definitions, sets);
  const shapes = createShapes(definitions, sets, {
    Extension: createExtensionCheck(definitions, profiles),
    Coding: codings.coding,
    CodeableConcept: codings.codeableConcept,
    Quantity: codings.quantity,
    ...Object.fromEntries(['Age', 'Count', 'Distance', 'Duration'].map((type) => [type, codings.measure])),
    Attachment: checkAttachment,
    Identifier: codings.identifier,
  });

  const structure = (url: string) => definitions.find<StructureDefinition>('StructureDefinition', url);
  const judges: Judges = {
    conformsTo: (url, value, type, visit) => profiles.conformsTo(url, value, type, visit),
    memberOf: (valueSet, value, codes) => {
      const set = typeof valueSet === 'string' ? sets.find(valueSet) : sets.expand(valueSet);
      return set && membershipOf(value, set, codes);
    },
    questionnaire: (url) => definitions.find('Questionnaire', url),
    snapshotOf: (profile) => generateSnapshot(profile as StructureDefinition, structure),
    structure,
  };

  let names: Map<string, string[]> | undefined;
  /** The names of the profiles by the address that they are below. */
  function profileNames(): ReadonlyMap<string, string[]> {
    if (names) return names;
    names = new Map();
    for (const { url } of shipped.all('StructureDefinition')) {
      const [folder, name] = split(String(url));
      const siblings = names.get(folder) ?? [];
      siblings.push(name);
      names.set(folder, siblings);
    }
    return names;
  }

  function checkProfile(url: string, resource: Resource, visit: Visit): void {
    const profile = profiles.find(url);
    const { report, bundle } = visit;
    if (profile?.type === resource.resourceType || (profile && abstractTypes.has(profile.type))) {
      if (resource.resourceType === 'Bundle' && resource === visit.root)
        visit.bundle = bundleEntries(resource);
      const instance = { value: resource, sibling: undefined, type: resource.resourceType, index: -1 };
      profiles.check(profile, instance, visit);
      visit.bundle = bundle;
      return;
    }
    const type = profile?.type ?? shapes.find(url)?.type;
    if (type === undefined) reportUnknown(url, report);
    else if (type !== resource.resourceType && !abstractTypes.has(type)) {
      report.add(findings.profileType, [url, type, resource.resourceType]);
    }
  }

  /** A claim below an address whose profiles are all here is wrong; of others no more can be said than what is near. */
  function reportUnknown(url: string, report: Report): void {
    // To look for what is near costs more than to say that nothing is there.
    if (report.full || report.fullOfWarnings) return;
    const [folder, name] = split(url);
    const names = folder.endsWith('/StructureDefinition/') ? (profileNames().get(folder) ?? []) : [];
    const near = nearest(name.split('|', 1)[0]!, names).map((each) => folder + each);
    if (names.length > 0 && !folder.startsWith('http://hl7.org/'))
      report.add(findings.profileOfOurs, [url, near.join(', ') || names.slice(0, 20).join(', ')]);
    else if (!absolute.test(url)) report.add({ ...findings.canonicalFormat, severity: 'error' }, [], url);
    else if (near.length > 0) report.add(findings.misspeltProfile, [url, near.join(', ')]);
    else report.add(findings.unknownProfile, [url]);
  }

  function checkClaimed(resource: Resource, visit: Visit, vitalSigns: 'strict' | 'lenient'): void {
    const claimed = claimedProfiles(resource);
    for (const url of claimed) checkProfile(url, resource, visit);
    const implied = vitalSignsProfile(resource);
    if (implied && !claimed.includes(implied)) checkVitalSigns(implied, resource, visit, vitalSigns);
  }

  /**
   * A vital sign has to follow a profile that it does not name; what was entered in error is none. Whoever asks for a
   * verdict is told. What is sent to be kept comes from systems that have never heard of it, so that there only the code
   * that makes it known as a vital sign is owed.
   */
  function checkVitalSigns(
    url: string,
    resource: Resource,
    visit: Visit,
    manner: 'strict' | 'lenient',
  ): void {
    const beside = visitBeside(visit);
    checkProfile(url, resource, beside);
    const code = `${visit.place}.code`;
    for (const issue of beside.report.issues) {
      const isOwed = manner === 'strict' || (issue.code === 'required' && issue.expression?.[0] === code);
      const strict = isOwed && resource.status !== 'entered-in-error';
      visit.report.take(strict ? issue : { ...issue, severity: 'warning' });
    }
  }

  function examine(
    resource: unknown,
    codes: KnownCodes | undefined,
    work: (visit: Visit) => void,
    afterResource?: Visit['afterResource'],
  ): Issue[] {
    if (!isResource(resource)) {
      const { severity, code, zh, en } = findings.notResource;
      return [{ severity, code, text: { zh, en } }];
    }
    const visit = startVisit(resource, limits, shapes, judges, codes, afterResource);
    visit.place.enter(resource.resourceType);
    work(visit);
    return visit.report.issues.map((issue) => withJsonPath(definitions, resource, issue));
  }

  const validator = (codes?: KnownCodes): Validator => ({
    forget: () => {
      definitions.forget();
      sets.forget();
      profiles.forget();
      shapes.forget();
    },
    knows: (url) => profiles.find(url) !== undefined || shapes.find(url) !== undefined,
    validateBase: (resource) => examine(resource, codes, (visit) => walkResource(resource, visit)),
    validateProfile: (url, resource) =>
      examine(resource, codes, (visit) => checkProfile(url, resource, visit)),
    validateClaimed: (resource) =>
      examine(resource, codes, (visit) => checkClaimed(resource, visit, 'lenient')),
    validate: (resource, given = []) =>
      examine(
        resource,
        codes,
        (visit) => {
          walkResource(resource, visit);
          const claimed = claimedProfiles(visit.resource);
          for (const url of given) if (!claimed.includes(url)) checkProfile(url, visit.resource, visit);
        },
        (inner, visit) => checkClaimed(inner, visit, 'strict'),
      ),
    tablesOf: sets.tablesOf,
    knowing: (known) => validator(known),
  });
  return validator();
}

function claimedProfiles({ meta }: Resource): string[] {
  const claimed = isElement(meta) ? meta.profile : undefined;
  return Array.isArray(claimed) ? [...new Set(claimed.filter((url) => typeof url === 'string'))] : [];
}

/** A canonical URL up to its last slash, and what follows. */
function split(url: string): [folder: string, name: string] {
  const end = url.lastIndexOf('/') + 1;
  return [url.slice(0, end), url.slice(end)];
}
