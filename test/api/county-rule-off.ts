const base = 'https://w3id.org/zhuanzhen';

/** A county's own rules: a rule of the policy is switched off. */
export const off = {
  resourceType: 'PlanDefinition',
  id: 'yongan-rules',
  url: 'https://yongan.example/PlanDefinition/rules',
  name: 'YonganRules',
  status: 'active',
  relatedArtifact: [{ type: 'derived-from', resource: `${base}/PlanDefinition/referral-rules` }],
  action: [
    {
      code: [{ coding: [{ system: `${base}/CodeSystem/referral-rule`, code: 'up-htn-urgent' }] }],
      extension: [{ url: `${base}/StructureDefinition/rule-enabled`, valueBoolean: false }],
    },
  ],
};
