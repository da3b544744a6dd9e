import type { Resource } from '../resource.ts';
import { createValueSets } from '../validation/value-sets.ts';
import type { Definitions } from './definitions.ts';

interface ElementDefinition {
  path: string;
  min: number;
  max: string;
  type?: { code: string; targetProfile?: string[] }[];
  binding?: { strength: string; valueSet?: string };
}

/** What some types of resources need beyond their mandatory elements, by their invariants. */
const alsoNeeded: Record<string, object> = {
  AllergyIntolerance: {
    clinicalStatus: {
      coding: [
        { system: 'http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical', code: 'active' },
      ],
    },
  },
  Appointment: { participant: [{ status: 'accepted', actor: { reference: 'Patient/x' } }] },
  AppointmentResponse: { actor: { reference: 'Patient/x' } },
  Binary: { contentType: 'text/plain' },
  Bundle: { type: 'collection' },
  CapabilityStatement: {
    kind: 'requirements',
    description: 'x',
    fhirVersion: '4.0.1',
    format: ['json'],
    rest: [{ mode: 'server' }],
  },
  Consent: { policyRule: { text: 'x' } },
  EventDefinition: { trigger: [{ type: 'named-event', name: 'x' }] },
  ImmunizationRecommendation: {
    recommendation: [{ forecastStatus: { text: 'x' }, targetDisease: { text: 'x' } }],
  },
  InsurancePlan: { name: 'x' },
  Linkage: {
    item: ['source', 'alternate'].map((type) => ({ type, resource: { reference: 'Patient/x' } })),
  },
  Organization: { name: 'x' },
  SearchParameter: { status: 'draft' },
  Subscription: { status: 'off', criteria: 'Patient', channel: { type: 'websocket' } },
  StructureDefinition: {
    kind: 'logical',
    abstract: true,
    differential: { element: [{ id: 'x', path: 'x' }] },
  },
  TerminologyCapabilities: { kind: 'requirements', description: 'x' },
};

/** Gives, for any type of resource, the least that is valid: its mandatory elements, with values that mean nothing. */
export function minimalResources(definitions: Definitions): (type: string) => Resource {
  const valueSets = createValueSets(definitions);

  function members(type: string, root: string): Record<string, unknown> {
    const definition = definitions.find(
      'StructureDefinition',
      `http://hl7.org/fhir/StructureDefinition/${type}`,
    )!;
    const { element } = definition.snapshot as { element: ElementDefinition[] };
    const made: Record<string, unknown> = {};
    const depth = root.split('.').length + 1;
    for (const child of element) {
      if (child.min === 0 || !child.path.startsWith(`${root}.`) || child.path.split('.').length !== depth)
        continue;
      const [first] = child.type ?? [];
      if (!first) continue;
      const name = child.path.slice(root.length + 1);
      const isChoice = name.endsWith('[x]');
      const value = sampleOf(child, first, type);
      const key = isChoice ? name.slice(0, -3) + first.code[0]!.toUpperCase() + first.code.slice(1) : name;
      made[key] = child.max === '1' ? value : [value];
    }
    return made;
  }

  function sampleOf(
    element: ElementDefinition,
    { code, targetProfile }: { code: string; targetProfile?: string[] },
    type: string,
  ): unknown {
    if (code === 'BackboneElement' || code === 'Element') return members(type, element.path);
    if (code === 'Reference') {
      const target = targetProfile?.[0]?.split('/').at(-1) ?? 'Patient';
      return { reference: `${target === 'Resource' ? 'Patient' : target}/x` };
    }
    const [system, listed] =
      element.binding?.strength === 'required' ? boundCode(element.binding.valueSet!) : [];
    if (code === 'code') return listed ?? 'x';
    if (code === 'Coding')
      return listed ? { system, code: listed } : { system: 'http://example.org', code: 'x' };
    if (code === 'CodeableConcept') return listed ? { coding: [{ system, code: listed }] } : { text: 'x' };
    if (code === 'Resource') return { resourceType: 'Basic', code: { text: 'x' } };
    return code in samples ? samples[code] : members(code, code);
  }

  function boundCode(valueSet: string): [system?: string, code?: string] {
    for (const [system, codes] of valueSets.find(valueSet)?.listed ?? [])
      for (const code of codes) return [system, code];
    return [];
  }

  return (type) => ({ resourceType: type, ...members(type, type), ...alsoNeeded[type] });
}

const samples: Record<string, unknown> = {
  'http://hl7.org/fhirpath/System.String': 'x',
  base64Binary: 'AAAA',
  boolean: true,
  canonical: 'http://example.org/x',
  date: '2026-03-01',
  dateTime: '2026-03-01',
  decimal: 1,
  id: 'x',
  instant: '2026-03-01T09:00:00+08:00',
  integer: 1,
  markdown: 'x',
  oid: 'urn:oid:1.2.3',
  positiveInt: 1,
  string: 'x',
  time: '09:00:00',
  unsignedInt: 1,
  uri: 'http://example.org/x',
  url: 'http://example.org/x',
  uuid: 'urn:uuid:0b1f8a52-9f0d-4a55-8f0b-3a8a2a1c0001',
  Address: { text: 'x' },
  Annotation: { text: 'x' },
  Attachment: { title: 'x' },
  ContactPoint: { value: 'x' },
  Duration: { value: 1, system: 'http://unitsofmeasure.org', code: 'd' },
  HumanName: { text: 'x' },
  Identifier: { value: 'x' },
  Money: { value: 1 },
  Period: { start: '2026-03-01' },
  Quantity: { value: 1 },
  Range: { low: { value: 1 } },
  Ratio: { numerator: { value: 1 }, denominator: { value: 1 } },
  Timing: { event: ['2026-03-01'] },
};
