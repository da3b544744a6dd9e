import type { Element, Resource } from '../../../fhir/resource.ts';
import { escapeText } from '../../../fhir/xml/escape.ts';
import { codeSystems, paperProfiles } from '../../vocabulary.ts';
import type { FlatRow } from '../row.ts';
import { concept, isYes, type Part, type PartContext, textIn } from './part.ts';

const consentFields = {
  consent: 'referral-consent',
  notice: 'referral-notice',
  pledge: 'self-pay-pledge',
} as const;

/** The papers that the patient has signed, by the row. */
export function consentParts({ row, refer, parties, authored }: PartContext): Part[] {
  return Object.entries(consentFields).flatMap(([field, category]): Part[] =>
    isYes(row, field)
      ? [
          {
            key: field,
            fields: [field],
            resource: {
              resourceType: 'Consent',
              status: 'active',
              scope: concept(
                'http://terminology.hl7.org/CodeSystem/consentscope',
                field === 'consent' ? 'patient-privacy' : 'treatment',
              ),
              category: [concept(codeSystems.consentCategory, category)],
              patient: refer('patient'),
              dateTime: authored,
              performer: [refer('patient')],
              ...(parties.sender && { organization: [parties.sender] }),
              policyRule: concept(
                'http://terminology.hl7.org/CodeSystem/v3-ActCode',
                'OPTIN',
                'opt-in',
                '县域医共体双向转诊制度',
              ),
            },
          },
        ]
      : [],
  );
}

/** The plan of what is to be done next. */
export function planParts({ row, refer, parties, authored }: PartContext): Part[] {
  const description = textIn(row, 'next-plan');
  if (description === undefined) return [];
  const resource = {
    resourceType: 'CarePlan',
    status: 'active',
    intent: 'plan',
    title: '下一步治疗方案及康复建议',
    description,
    subject: refer('patient'),
    created: authored,
    author: parties.doctor,
    addresses: [refer('diagnosis-1')],
  };
  return [{ key: 'plan', fields: ['next-plan'], resource }];
}

/** The discharge summary, as a document in words. */
export function summaryParts({ row, refer, parties }: PartContext): Part[] {
  const summary = textIn(row, 'discharge-summary');
  if (summary === undefined) return [];
  return [
    {
      key: 'summary',
      fields: ['discharge-summary'],
      resource: summaryDocument(summary, refer('patient'), parties.doctor),
    },
  ];
}

export function summaryDocument(summary: string, subject: Element, author: Element | undefined): Resource {
  return {
    resourceType: 'DocumentReference',
    status: 'current',
    type: concept('http://loinc.org', '18842-5', 'Discharge summary', '出院小结'),
    subject,
    ...(author && { author: [author] }),
    content: [
      {
        attachment: {
          contentType: 'text/plain; charset=utf-8',
          language: 'zh-CN',
          data: Buffer.from(summary, 'utf8').toString('base64'),
          title: '出院小结',
        },
      },
    ],
  };
}

/** The section of a form, and the fields that are said in it, each with a heading where there are several. */
const sections = {
  out: [
    ['impression', '初步印象', ['diagnosis']],
    ['present-illness', '主要现病史(转出原因)', ['present-illness', 'reason']],
    ['past-history', '主要既往史', ['past-history']],
    ['treatment-course', '治疗经过', ['treatment', 'treatment-outcome']],
    ['key-results', '主要检查结果', ['results']],
  ],
  back: [
    ['final-diagnosis', '诊断结果', ['diagnosis']],
    ['key-results', '主要检查结果', ['results']],
    ['treatment-course', '治疗经过', ['treatment', 'treatment-outcome', 'present-illness']],
    ['next-plan', '下一步治疗方案及康复建议', ['next-plan']],
    ['past-history', '主要既往史', ['past-history']],
  ],
} as const;

/** Which fields make up the form, and must be there for it to be the national one. */
const national = {
  out: ['impression', 'present-illness', 'past-history', 'treatment-course'],
  back: ['final-diagnosis', 'key-results', 'treatment-course', 'next-plan'],
} as const;

/** The texts of a form, section by section; those of which the row has nothing are left out. */
export function formSections(row: FlatRow, form: 'out' | 'back'): Element[] {
  return sections[form].flatMap(([code, title, fields]): Element[] => {
    const texts = fields.flatMap((field) => textIn(row, field) ?? []);
    if (texts.length === 0) return [];
    const lines = texts.map((text) => `<p>${escaped(text)}</p>`).join('');
    return [
      {
        title,
        code: concept(codeSystems.formSection, code, title),
        text: { status: 'generated', div: `<div xmlns="http://www.w3.org/1999/xhtml">${lines}</div>` },
      },
    ];
  });
}

/** Whether the sections are those of the national form; else they are a note. */
export function isNational(found: readonly Element[], form: 'out' | 'back'): boolean {
  const codes = found.map(({ code }) => String(((code as Element).coding as Element[])[0]!.code));
  return national[form].every((each) => codes.includes(each));
}

/** The form that sections make: the national one where `isWhole`, else a note of the referral. */
export function formComposition(
  form: 'out' | 'back',
  isWhole: boolean,
  found: readonly Element[],
  more: {
    subject: Element;
    date: string;
    author: Element;
    custodian?: Element | undefined;
    encounter?: Element | undefined;
  },
): Resource {
  const code = form === 'out' ? 'transfer-out-form' : 'transfer-back-form';
  const title = form === 'out' ? '双向转诊(转出)单' : '双向转诊(回转)单';
  const { subject, date, author, custodian, encounter } = more;
  return {
    resourceType: 'Composition',
    ...(isWhole && { meta: { profile: [paperProfiles[code]] } }),
    status: 'final',
    type: isWhole
      ? concept(codeSystems.referralForm, code, title)
      : concept('http://loinc.org', '57133-1', 'Referral note', '转诊记录'),
    subject,
    ...(encounter && { encounter }),
    date,
    author: [author],
    title: isWhole ? title : '转诊记录',
    ...(custodian && { custodian }),
    section: [...found],
  };
}

/** A text as XHTML, without the characters that XML cannot hold. */
function escaped(text: string): string {
  return escapeText(text)
    .replaceAll(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '')
    .replaceAll(/\r?\n/g, '<br/>');
}
