import { codings, elements, string } from '../../../fhir/elements.ts';
import type { Element, Resource } from '../../../fhir/resource.ts';
import { readCondition } from '../../../interactions/condition.ts';
import type { QueryParameter } from '../../../interactions/request.ts';
import type { Server } from '../../../interactions/server.ts';
import { createReferences } from '../../reference.ts';
import { codeSystems } from '../../vocabulary.ts';
import { numberSystems } from '../vocabulary.ts';
import type { Called, Directory, Found } from './directory.ts';

/** So many of one name are looked at. */
const most = 20;

const id = /^[A-Za-z0-9\-.]{1,64}$/;

/** The directory of what a server shows to who asks. What was found is remembered for the time of one request. */
export function storedDirectory(server: Server): Directory {
  const references = createReferences(server.base);
  const remembered = new Map<string, Promise<Resource[]>>();

  function find(type: string, query: readonly QueryParameter[]): Promise<Resource[]> {
    const key = JSON.stringify([type, query]);
    const found = remembered.get(key) ?? search(type, query);
    remembered.set(key, found);
    return found;
  }

  async function search(type: string, query: readonly QueryParameter[]): Promise<Resource[]> {
    const { filter, timeout } = readCondition(server, type, query);
    const matches = await server.store.search({ type, filter, sort: [], limit: most }, { timeout });
    return matches.map(({ version }) => JSON.parse(version.text) as Resource);
  }

  async function read(type: string, name: string): Promise<Resource[]> {
    return id.test(name) ? find(type, [['_id', name]]) : [];
  }

  async function organization({ number, name }: Called): Promise<Found> {
    if (number !== undefined) {
      const byNumber = await find('Organization', [['identifier', escaped(number)]]);
      const found =
        byNumber.length > 0 ? byNumber : await read('Organization', number.replace(/^Organization\//, ''));
      const [first] = found;
      if (!first) return { problem: unknown('代码为此的机构', 'organization with this code') };
      if (found.length > 1) return { problem: several('机构', 'organizations') };
      if (name !== undefined && !isCalled(first, name))
        return {
          problem: {
            zh: `此代码登记的是“${first.name}”,与所填名称不符`,
            en: `this code is that of "${first.name}", not of the name that is given`,
          },
        };
      return { reference: referenceTo(first, first.name) };
    }
    const found = name === undefined ? [] : await find('Organization', [['name:exact', escaped(name)]]);
    const inUse = found.filter(({ active }) => active !== false);
    const [first] = inUse.length > 0 ? inUse : found;
    if (!first) return { problem: unknown('名称为此的机构', 'organization of this name') };
    if (inUse.length > 1) return { problem: several('机构', 'organizations') };
    return { reference: referenceTo(first, first.name) };
  }

  async function practitioner(
    { number, name }: Called,
    at: Element | undefined,
    when: string,
  ): Promise<Found> {
    const place: QueryParameter[] = at ? [['organization', String(at.reference)]] : [];
    const who: QueryParameter =
      number === undefined
        ? ['practitioner.name:exact', escaped(name ?? '')]
        : ['practitioner.identifier', `${numberSystems.staff}|${escaped(number)}`];
    const listed = await find('PractitionerRole', [who, ...place]);
    const roles = listed.length > 0 || number === undefined ? listed : await read('PractitionerRole', number);
    const inOffice = roles.filter((role) => isInOffice(role, when));
    const [first] = inOffice.length > 0 ? inOffice.sort((a, b) => (a.id! < b.id! ? -1 : 1)) : roles;
    if (!first)
      return {
        problem: at
          ? {
              zh: `“${at.display ?? at.reference}”没有登记此人员`,
              en: `nobody of this name or number is on record at ${at.display ?? at.reference}`,
            }
          : unknown('此人员', 'person of this name or number'),
      };
    const people = new Set(
      (inOffice.length > 0 ? inOffice : roles).map(({ practitioner: person }) =>
        JSON.stringify((person as Element)?.reference),
      ),
    );
    if (people.size > 1) return { problem: several('人员', 'people') };
    return { reference: referenceTo(first, elements(first, 'practitioner')[0]?.display) };
  }

  async function department(name: string, at: Element): Promise<Found> {
    const offered = await find('HealthcareService', [
      ['organization', String(at.reference)],
      ['name:exact', escaped(name)],
    ]);
    const [first] = offered.filter(({ active }) => active !== false);
    if (!first)
      return {
        problem: {
          zh: `“${at.display ?? at.reference}”没有此科室`,
          en: `${at.display ?? at.reference} has no such department`,
        },
      };
    return { reference: referenceTo(first, first.name) };
  }

  async function readOne(reference: Element): Promise<Resource | undefined> {
    const target = references.target({ reference }, 'reference');
    const [found] = target ? await read(target.type, target.id) : [];
    return found;
  }

  return {
    organization,
    practitioner,
    department,
    employer: async (role) => {
      const found = await readOne(role);
      const target = references.target(found, 'organization', 'Organization');
      if (!target) return undefined;
      const [organization] = await read('Organization', target.id);
      return organization && referenceTo(organization, organization.name);
    },
    specialty: async (service) => {
      const known = codings(await readOne(service), 'specialty').filter(
        ({ system }) => system === codeSystems.specialty,
      );
      const [special] = known.sort((a, b) => String(b.code).length - String(a.code).length);
      return special && { coding: [special] };
    },
  };
}

function referenceTo({ resourceType, id: own }: Resource, display: unknown): Element {
  return { reference: `${resourceType}/${own}`, ...(typeof display === 'string' && { display }) };
}

function isCalled(organization: Resource, name: string): boolean {
  const names = [organization.name, ...((organization.alias as string[] | undefined) ?? [])];
  return names.some((each) => typeof each === 'string' && plain(each) === plain(name));
}

function plain(name: string): string {
  return name.normalize('NFKC').replace(/\s+/gu, '');
}

/** Whether a role is held on a day; what it does not say of is no bound. */
function isInOffice(role: Resource, when: string): boolean {
  const period = role.period as Element | undefined;
  const [start, end] = [string(period, 'start'), string(period, 'end')].map((each) => each?.slice(0, 10));
  const day = when.slice(0, 10);
  return role.active !== false && (start === undefined || start <= day) && (end === undefined || day <= end);
}

/** What has a meaning in search values (http://hl7.org/fhir/R4/search.html#escaping) is taken as it is written. */
function escaped(value: string): string {
  return value.replace(/[\\,|$]/g, (character) => `\\${character}`);
}

function unknown(zh: string, en: string) {
  return { zh: `没有登记${zh}`, en: `no ${en} is on record` };
}

function several(zh: string, en: string) {
  return {
    zh: `有几个同名(同号)的${zh},请填代码`,
    en: `there are several ${en} of that name or number; give the code`,
  };
}
