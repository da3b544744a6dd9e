import type { Resource } from '../../../src/fhir/resource.ts';

const base = 'https://w3id.org/zhuanzhen';

/** Who sends patients: a village clinic, or a township health centre. */
export const senders = ['bench-village', 'bench-township'] as const;
export type Sender = (typeof senders)[number];

/** Where each of them sends its patients first. */
export const receiverOf: Record<Sender, string> = {
  'bench-village': 'bench-township',
  'bench-township': 'bench-lead',
};

/** The organizations and people between which the patients of the benchmark are referred. */
export const community: Resource[] = [
  organization('bench-lead', '积石县人民医院', 'A100', 'county', '91350100M000100Y43'),
  organization('bench-township', '大河家镇中心卫生院', 'C210', 'township', '91350100M000100Y43'),
  organization('bench-village', '大河村卫生室', 'D600', 'village', '91350100M000100Y43'),
  affiliation('bench-lead', 'lead-hospital'),
  affiliation('bench-township', 'member'),
  affiliation('bench-village', 'member'),
  ...senders.map(doctor),
];

function organization(id: string, name: string, type: string, tier: string, number: string): Resource {
  return {
    resourceType: 'Organization',
    id,
    extension: [{ url: `${base}/StructureDefinition/institution-tier`, valueCode: tier }],
    identifier: [
      {
        type: { coding: [{ system: `${base}/CodeSystem/identifier-type`, code: 'USCC' }] },
        system: 'urn:oid:2.16.156.10011.1.5',
        value: number,
      },
    ],
    type: [{ coding: [{ system: `${base}/CodeSystem/ws-218`, code: type }] }],
    name,
  };
}

function affiliation(organization: string, role: string): Resource {
  return {
    resourceType: 'OrganizationAffiliation',
    id: `${organization}-affiliation`,
    active: true,
    organization: { reference: 'Organization/bench-lead' },
    participatingOrganization: { reference: `Organization/${organization}` },
    code: [{ coding: [{ system: `${base}/CodeSystem/affiliation-role`, code: role }] }],
  };
}

function doctor(organization: Sender): Resource {
  return {
    resourceType: 'PractitionerRole',
    id: `${organization}-doctor`,
    practitioner: {
      identifier: { system: 'urn:oid:2.16.156.10011.1.4', value: '141622926000123' },
      display: '马德明',
    },
    organization: { reference: `Organization/${organization}` },
    telecom: [{ system: 'phone', value: '0930-7722120' }],
  };
}
