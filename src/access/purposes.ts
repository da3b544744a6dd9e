/** The purpose of use (http://terminology.hl7.org/CodeSystem/v3-ActReason) of whoever states none. */
export const treatment = 'TREAT';

/** The purposes that a request can state, and that a Consent can permit or deny. */
export const purposes = [treatment, 'ETREAT', 'HPAYMT', 'HOPERAT', 'PUBHLTH', 'HRESCH'] as const;
