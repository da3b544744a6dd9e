import type { Definitions } from '../../fhir/definitions/definitions.ts';
import { codesOf, elements, extension, string } from '../../fhir/elements.ts';
import type { Element, Resource } from '../../fhir/resource.ts';
import type { Records } from '../context/records.ts';
import { refersTo } from '../queries.ts';
import { pathOf, type Target } from '../reference.ts';
import { codeSystems, defaultReception, extensions } from '../vocabulary.ts';
import { isOpenAt, type OpeningHours, openingHours } from './opening-hours.ts';

/** An institution has one reception and a few dozen departments. */
const mostServices = 100;

/** 急诊医学科 of the national list of specialties (诊疗科目名录). */
const emergencyMedicine = '20';

/** Who receives referrals at the institutions, by what is on record for one submission. */
export interface Receptions {
  /** The hours of its reception; those of HealthcareService/default-reception when it has registered none. */
  hoursOf(organization: Target | undefined): Promise<OpeningHours>;
  /**
   * A Reference to who receives a patient: the reception (双向转诊接诊室) while it is open, the emergency department
   * (急诊科) outside its hours and for stat referrals. Undefined where neither is registered.
   */
  receiving(
    organization: Target | undefined,
    asked: { isStat: boolean; now: number },
  ): Promise<Element | undefined>;
}

/** Makes the receptions of one submission. What is asked of an institution is asked of the store once. */
export function createReceptions(definitions: Definitions): (records: Records) => Receptions {
  const shippedHours = openingHours(definitions.find('HealthcareService', defaultReception)!);
  return (records) => {
    const asked = new Map<string, Promise<Resource[]>>();

    const known = (organization: Target | undefined) => {
      if (!organization) return Promise.resolve([]);
      const path = pathOf(organization);
      const services = asked.get(path) ?? servicesOf(organization, records);
      asked.set(path, services);
      return services;
    };

    const receptionOf = async (organization: Target | undefined) =>
      (await known(organization)).find((service) =>
        codesOf(service, 'characteristic', codeSystems.characteristic).includes('referral-reception'),
      );

    const hoursOf: Receptions['hoursOf'] = async (organization) => {
      const stated =
        (await receptionOf(organization)) ??
        (await records.find({ type: 'HealthcareService', id: defaultReception }));
      return stated ? openingHours(stated) : shippedHours;
    };

    const receiving: Receptions['receiving'] = async (organization, { isStat, now }) => {
      const reception = await receptionOf(organization);
      const emergency = (await known(organization)).find((service) =>
        codesOf(service, 'specialty', codeSystems.specialty).includes(emergencyMedicine),
      );
      const isOpen = !isStat && isOpenAt(await hoursOf(organization), now);
      const service = isOpen ? reception : (emergency ?? reception);
      return service && referenceTo(service);
    };

    return { hoursOf, receiving };
  };
}

/** The departments and other services of an institution that are in operation. */
export async function servicesOf(organization: Target, records: Records): Promise<Resource[]> {
  const services = await records.stored(
    'HealthcareService',
    refersTo('organization', organization),
    mostServices,
  );
  return services.filter(({ active }) => active !== false);
}

/** A Reference to a service or a person in a role, with its name where it has one. */
export function referenceTo({ resourceType, id, name }: Resource): Element {
  return { reference: `${resourceType}/${id}`, ...(typeof name === 'string' && { display: name }) };
}

/** Who receives the patient of a Task, as the server noted at its submission. */
export function receptionIn(task: Resource | null): Element | undefined {
  return elements(extension(task, extensions.reception), 'valueReference')[0];
}

/** The Task as it says who receives its patient, whatever a client wrote there. */
export function withReception(task: Resource, reception: Element | undefined): Resource {
  const { extension: _, ...rest } = task;
  const others = elements(task, 'extension').filter((each) => string(each, 'url') !== extensions.reception);
  const said = reception ? [{ url: extensions.reception, valueReference: reception }] : [];
  return others.length + said.length === 0 ? rest : { ...rest, extension: [...others, ...said] };
}
