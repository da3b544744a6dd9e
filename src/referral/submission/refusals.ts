import type { RefusalKind } from '../../fhir/refusal.ts';

/** What submissions are refused for, beyond what their resources are. */
export const submissionRefusals = {
  noReferral: {
    status: 422,
    code: 'required',
    zh: '其中没有转诊单:须有一个 ServiceRequest,以 category 写明转诊方向(上转、下转或平转)',
    en: 'There is no referral in it: it takes a ServiceRequest whose category states the direction (up, down or lateral)',
  },
  notParameters: {
    status: 400,
    code: 'invalid',
    zh: '$submit 的请求体须为 Parameters:以 referral(ServiceRequest)、patient、task、resource 给出各资源,或以 bundle 给出 Bundle',
    en: '$submit takes Parameters: the resources as referral (ServiceRequest), patient, task and resource, or a Bundle as bundle',
  },
  unknownParameter: {
    status: 400,
    code: 'not-supported',
    zh: '参数 {0} 不可用或没有资源;可用:referral(ServiceRequest)、patient(Patient)、task(Task)、resource、bundle(Bundle)',
    en: 'The parameter {0} cannot be used so, or has no resource; there are: referral (ServiceRequest), patient (Patient), task (Task), resource, bundle (Bundle)',
  },
  otherDocument: {
    status: 409,
    code: 'duplicate',
    zh: '此 Bundle.identifier 已用于另一内容的文书({0});内容不同的文书须用新的 identifier',
    en: 'This Bundle.identifier is that of a document with another content ({0}); a document that says something else has an identifier of its own',
  },
  changingEntry: {
    status: 400,
    code: 'not-supported',
    zh: '$submit 只登记新的资源,不接受 {0} 条目;请直接以 transaction 发送',
    en: '$submit files what is new and takes no entries of {0}; send the Bundle as a transaction',
  },
} as const satisfies Record<string, RefusalKind>;
