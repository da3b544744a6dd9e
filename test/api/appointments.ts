import type { Element, Resource } from '../../src/fhir/resource.ts';

/** The department of the example community whose slots the tests book. */
export const department = 'HealthcareService/yongan-cardiology';

const schedule = 'cardiology-schedule';

export const extension = (name: string) => `https://w3id.org/zhuanzhen/StructureDefinition/${name}`;

/** The schedule of the department, as a transaction; with so many free slots `slot-0`, `slot-1`, …. */
export function departmentAndSlots(count = 0): object {
  const resources: Resource[] = [
    { resourceType: 'Schedule', id: schedule, active: true, actor: [{ reference: department }] },
    ...Array.from({ length: count }, (_, n) => newSlot({ id: `slot-${n}` })),
  ];
  const entry = resources.map((resource) => ({
    resource,
    request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
  }));
  return { resourceType: 'Bundle', type: 'transaction', entry };
}

/** A free slot of the department, in spring 2027 unless something else is said. */
export function newSlot(changes: Partial<Resource> = {}): Resource {
  return {
    resourceType: 'Slot',
    schedule: { reference: `Schedule/${schedule}` },
    status: 'free',
    start: '2083-03-01T08:00:00+08:00',
    end: '2083-03-01T08:15:00+08:00',
    ...changes,
  };
}

/** The parameter `slot` of the operations. */
export function slotParameter(id: string): Element {
  return { name: 'slot', valueReference: { reference: `Slot/${id}` } };
}
