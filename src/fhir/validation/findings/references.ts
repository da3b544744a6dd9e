import type { FindingKind } from './kind.ts';

/** What can be wrong with a reference, or with the resources in a resource or in a bundle. */
export const referenceFindings = {
  // References (http://hl7.org/fhir/R4/references.html)
  referenceFormat: {
    severity: 'error',
    code: 'value',
    zh: '引用不能含空白',
    en: 'A reference cannot contain whitespace',
  },
  referenceTarget: {
    severity: 'error',
    code: 'structure',
    zh: '此处不能引用 {0};可引用:{1}',
    en: 'A reference to {0} is not allowed here; allowed are: {1}',
  },
  referenceType: {
    severity: 'error',
    code: 'structure',
    zh: '引用指向 {0},与其 type「{1}」不符',
    en: 'The reference is to {0}, but its type says "{1}"',
  },

  bareReference: {
    severity: 'warning',
    code: 'value',
    zh: '引用「{0}」应为 类型/编号,如 Patient/{0}',
    en: 'The reference "{0}" should be [type]/[id], such as Patient/{0}',
  },
  referenceToUnknownType: {
    severity: 'warning',
    code: 'value',
    zh: '引用中的资源类型「{0}」不存在',
    en: 'There is no resource type "{0}", which is referred to here',
  },
  canonicalTarget: {
    severity: 'warning',
    code: 'value',
    zh: '这是 {0} 的 URL;此处应为:{1}',
    en: 'This is the URL of a {0}; expected is: {1}',
  },
  unverifiedTarget: {
    severity: 'warning',
    code: 'structure',
    zh: '此处通常不能引用 {0};可引用:{1}',
    en: 'A reference to {0} is not expected here; expected are: {1}',
  },

  // Contained resources (http://hl7.org/fhir/R4/domainresource.html)
  nestedContained: {
    severity: 'error',
    code: 'invariant',
    zh: '内含资源不能再内含资源(dom-2)',
    en: 'A contained resource cannot contain resources (dom-2)',
  },
  orphanContained: {
    severity: 'error',
    code: 'invariant',
    zh: '内含资源「{0}」没有被引用(dom-3)',
    en: 'Nothing refers to the contained resource "{0}" (dom-3)',
  },
  containedVersion: {
    severity: 'error',
    code: 'invariant',
    zh: '内含资源不能有 meta.versionId 或 meta.lastUpdated(dom-4)',
    en: 'A contained resource cannot have meta.versionId or meta.lastUpdated (dom-4)',
  },
  containedSecurity: {
    severity: 'error',
    code: 'invariant',
    zh: '内含资源不能有安全标签(dom-5)',
    en: 'A contained resource cannot have security labels (dom-5)',
  },
  containedWithoutId: {
    severity: 'error',
    code: 'required',
    zh: '内含资源须有 id',
    en: 'A contained resource must have an id',
  },
  duplicateContainedId: {
    severity: 'error',
    code: 'duplicate',
    zh: '多个内含资源的 id 同为「{0}」',
    en: 'Several contained resources have the id "{0}"',
  },

  // Bundles (http://hl7.org/fhir/R4/bundle.html)
  pagingLink: {
    severity: 'error',
    code: 'invalid',
    zh: '此类 Bundle 不能有分页链接「{0}」',
    en: 'The link "{0}" pages through results, which this kind of bundle has not',
  },
  duplicateLink: {
    severity: 'error',
    code: 'duplicate',
    zh: '链接「{0}」重复',
    en: 'There is more than one link "{0}"',
  },
  relativeFullUrl: {
    severity: 'error',
    code: 'value',
    zh: 'fullUrl 须为绝对 URI',
    en: 'The fullUrl must be absolute',
  },
  missingFullUrl: {
    severity: 'error',
    code: 'required',
    zh: '此类 Bundle 的条目须有 fullUrl',
    en: 'An entry of this kind of bundle must have a fullUrl',
  },
  fullUrlOfOther: {
    severity: 'warning',
    code: 'value',
    zh: 'fullUrl {0} 与其中的资源 {1} 不符',
    en: 'The fullUrl {0} is not that of the resource {1}',
  },
  fullUrlOfOtherType: {
    severity: 'error',
    code: 'value',
    zh: 'fullUrl {0} 与其中的资源 {1} 类型不符',
    en: 'The fullUrl {0} is of another type than the resource {1}',
  },
  searchWithoutResource: {
    severity: 'error',
    code: 'required',
    zh: '查询结果的条目须有资源',
    en: 'An entry of search results must have a resource',
  },
  searchWithoutId: {
    severity: 'error',
    code: 'required',
    zh: '查询结果的资源须有 id',
    en: 'A resource in search results must have an id',
  },
  searchOutcome: {
    severity: 'error',
    code: 'value',
    zh: '查询的 outcome 条目须为 OperationOutcome,而非 {0}',
    en: 'The outcome of a search is an OperationOutcome, not a {0}',
  },
  withoutFirstEntry: {
    severity: 'error',
    code: 'required',
    zh: '第一个条目须为 {0}',
    en: 'The first entry must be a {0}',
  },
  notInBundle: {
    severity: 'error',
    code: 'not-found',
    zh: 'Bundle 中没有所引用的「{0}」',
    en: 'The bundle does not have "{0}", which is referred to here',
  },
  severalInBundle: {
    severity: 'error',
    code: 'multiple-matches',
    zh: 'Bundle 中有 {0} 个「{1}」',
    en: 'The bundle has {0} entries for "{1}"',
  },
} as const satisfies Record<string, FindingKind>;
