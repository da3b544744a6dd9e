import type { Element, Resource } from '../../../src/fhir/resource.ts';
import { example, newReferral, numberOf, type ReferralBundle, the } from '../../api/referrals.ts';

/** What a client sends in its session, as the systems of its houses would have it. */
export interface Papers {
  /** A referral up with blood pressure 186/100, which a rule refuses while it is routine. */
  referral: ReferralBundle;
  /**
   * The parameters of `$return`: the referral down, its plan and medicines. In the place of the patient's id, which a
   * client knows once the referral is there, stands `{patient}`.
   */
  return: Resource;
}

/** What a client says of its session when that is over. */
export interface Session {
  /** The rule that refused its referral, and the text. */
  rule: string;
  refusal: string;
  /** The ids of the Task of the mended referral, and of that of the referral down. */
  task: string;
  down: string;
  /** What it was told: the type of the first notification, then the status of its Task in each event. */
  told: string[];
}

/** Papers for another patient and under other numbers than any before. */
export function newPapers(): Papers {
  const referral = newReferral('invalid/02-severe-hypertension-routine');
  const number = `${numberOf(the(referral, 'ServiceRequest'))}-R`;
  const down = example('valid/09-down-for-rehabilitation');
  const paper = (type: string): Resource => {
    const { encounter: _, basedOn: __, supportingInfo: ___, ...own } = the(down, type);
    return { ...own, id: type.toLowerCase(), subject: { reference: 'Patient/{patient}' } };
  };
  const identifier = [{ ...(the(down, 'ServiceRequest').identifier as Element[])[0], value: number }];
  const reasonReference = [{ reference: 'Condition/condition' }];
  return {
    referral,
    return: {
      resourceType: 'Parameters',
      parameter: [
        { name: 'referral', resource: { ...paper('ServiceRequest'), identifier, reasonReference } },
        { name: 'feedback', valueReference: { display: `双向转诊(回转)单 ${number}` } },
        ...['Condition', 'CarePlan', 'MedicationRequest'].map((type) => ({
          name: 'resource',
          resource: paper(type),
        })),
      ],
    },
  };
}
