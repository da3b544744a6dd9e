import { readFileSync } from 'node:fs';
import type { Element, Resource } from '../../src/fhir/resource.ts';
import { person } from '../bench/population/numbers.ts';
import type { TestServer } from '../environment/server.ts';

const examples = new URL('../../examples/', import.meta.url);

/** A transaction Bundle of the examples. */
export interface ReferralBundle {
  resourceType: string;
  type: string;
  entry: ReferralEntry[];
}

export interface ReferralEntry {
  fullUrl?: string;
  resource: Resource;
  request: { method: string; url: string; ifNoneExist?: string };
}

/** An example as it is, e.g. `community`. */
export function example(name: string): ReferralBundle {
  return JSON.parse(readFileSync(new URL(`${name}.json`, examples), 'utf8'));
}

let people = 5_000;

/** An example of a referral, for another patient and under another number than any before. */
export function newReferral(name = 'valid/01-routine-up-hypertension'): ReferralBundle {
  const bundle = example(name);
  const { residentId, birthDate, gender } = person(people++);
  const patient = the(bundle, 'Patient');
  const before = [numberOf(patient), numberOf(the(bundle, 'ServiceRequest'))] as const;
  Object.assign(patient, { birthDate, gender });
  return JSON.parse(
    JSON.stringify(bundle).replaceAll(before[0], residentId).replaceAll(before[1], `TEST-${people}`),
  );
}

/** The first resource of a type that a bundle brings. */
export function the(bundle: ReferralBundle, type: string): Resource {
  return bundle.entry.find(({ resource }) => resource.resourceType === type)!.resource;
}

/** The value of the first identifier. */
export function numberOf(resource: Resource): string {
  return (resource.identifier as { value: string }[])[0]!.value;
}

/** The bundle without what it brings of some types, and without the references to it. */
export function without(bundle: ReferralBundle, ...types: string[]): ReferralBundle {
  const isLeftOut = ({ resource }: ReferralEntry) => types.includes(resource.resourceType);
  const gone = new Set(bundle.entry.filter(isLeftOut).map(({ fullUrl }) => fullUrl));
  const leadsAway = (value: unknown) => gone.has((value as Element | null)?.reference as string | undefined);
  for (const { resource } of bundle.entry) {
    for (const [name, value] of Object.entries(resource)) {
      if (Array.isArray(value)) resource[name] = value.filter((each) => !leadsAway(each));
      if (leadsAway(value) || (Array.isArray(resource[name]) && resource[name].length === 0))
        delete resource[name];
    }
  }
  return { ...bundle, entry: bundle.entry.filter((entry) => !isLeftOut(entry)) };
}

/** The bundle with some texts replaced wherever they stand. */
export function replaced(bundle: ReferralBundle, replacements: Record<string, string>): ReferralBundle {
  let text = JSON.stringify(bundle);
  for (const [before, after] of Object.entries(replacements)) text = text.replaceAll(before, after);
  return JSON.parse(text);
}

/** The issues of an outcome, each as `severity rule-or-code place`. */
export function issuesOf(outcome: Element | undefined): string[] {
  const issues = (outcome?.issue ?? []) as {
    severity: string;
    code: string;
    details: { coding?: { code: string }[] };
    expression?: string[];
  }[];
  return issues.map(({ severity, code, details, expression = [] }) =>
    [severity, details.coding?.[0]?.code ?? code, ...expression].join(' '),
  );
}

/** The rules and codes of the errors of an outcome. */
export function errorsOf(outcome: Element): string[] {
  return issuesOf(outcome).flatMap((issue) => /^error (\S+)/.exec(issue)?.[1] ?? []);
}

/** What the tests of referrals ask a server that has the example community. */
export function referring(server: TestServer) {
  /** Sends a bundle that is accepted; gives what it made or found, by type. */
  async function accepted(bundle: ReferralBundle): Promise<Record<string, string>> {
    const { body } = await server.post('/', bundle).expect(200);
    const locations: string[] = body.entry.map(
      (entry: { response: { location: string } }) => entry.response.location,
    );
    const ids = locations.map((location) => location.slice(server.base.length + 1).split('/'));
    return Object.fromEntries(ids.map(([type, id]) => [type!, id!]).reverse());
  }

  return {
    accepted,
    /** Sends a bundle that is refused, and gives its errors. */
    async refused(bundle: ReferralBundle, status = 422): Promise<string[]> {
      const { body } = await server.post('/', bundle).expect(status);
      return errorsOf(body);
    },
    read: async (type: string, id: string): Promise<Resource> =>
      (await server.get(`/${type}/${id}`).expect(200)).body,
    /** The rules of the warnings that are kept about a referral. */
    async kept(referral: string): Promise<string[]> {
      const { body } = await server.get(`/DetectedIssue?implicated=ServiceRequest/${referral}`).expect(200);
      const issues: { resource: { code: { coding: { code: string }[] } } }[] = body.entry ?? [];
      return issues.map(({ resource }) => resource.code.coding[0]!.code).sort();
    },
  };
}
