import type { Issue, IssueType, Text } from './outcome.ts';

/** A kind of error: what every occurrence has in common. */
export interface RefusalKind {
  /** HTTP status. */
  status: number;
  code: IssueType;
  /** `{0}`, `{1}` … stand for the details of one occurrence. */
  zh: string;
  en: string;
}

/**
 * The registry of errors: everything that the server refuses a request with.
 * Statuses follow http://hl7.org/fhir/R4/http.html.
 */
export const refusals = {
  // Who asks
  unknownPurpose: {
    status: 400,
    code: 'value',
    zh: 'X-Purpose-Of-Use 须为 {0} 之一',
    en: 'X-Purpose-Of-Use takes one of {0}',
  },
  notYours: {
    status: 403,
    code: 'forbidden',
    zh: '{0} 不由您的机构或角色写入',
    en: '{0} is not for your organization or role to write',
  },
  anothersName: {
    status: 403,
    code: 'forbidden',
    zh: '{0} 以 {1} 的名义书写,而您不是为它办事',
    en: '{0} speaks in the name of {1}, for which you do not act',
  },
  serversAlone: {
    status: 403,
    code: 'forbidden',
    zh: '{0} 只由服务器生成;紧急查阅请用 Patient/$break-the-glass',
    en: '{0} is made by the server alone; for access in an emergency use Patient/$break-the-glass',
  },
  // The request as a whole
  unknownRoute: { status: 404, code: 'not-found', zh: '没有此地址:{0}', en: 'There is nothing at {0}' },
  unknownOperation: {
    status: 404,
    code: 'not-supported',
    zh: '没有此操作:{0}',
    en: 'There is no operation {0}',
  },
  methodNotAllowed: {
    status: 405,
    code: 'not-supported',
    zh: '此地址不支持 {0}',
    en: '{0} is not supported here',
  },
  notImplemented: {
    status: 501,
    code: 'not-supported',
    zh: '服务器不支持:{0}',
    en: 'Not supported by this server: {0}',
  },
  notAcceptable: {
    status: 406,
    code: 'not-supported',
    zh: '此处只能以 {1} 回答,不支持 {0}',
    en: 'What is asked for is answered in {1}, not in {0}',
  },
  unsupportedMediaType: {
    status: 415,
    code: 'not-supported',
    zh: '不支持内容类型 {0};请用 {1}',
    en: 'Content type {0} is not supported; send {1}',
  },
  bodyTooLarge: {
    status: 413,
    code: 'too-long',
    zh: '请求体超过 {0} 字节',
    en: 'The body is larger than {0} bytes',
  },
  tooManyValues: {
    status: 413,
    code: 'too-long',
    zh: '请求体的值超过 {0} 个;请分成几次发送',
    en: 'The body has more than {0} values; send it in parts',
  },
  answerTooLarge: {
    status: 403,
    code: 'too-costly',
    zh: '应答超过 {0} 字节;请减少条目或减小 _count',
    en: 'The answer would be larger than {0} bytes; ask for fewer entries, or a smaller _count',
  },
  invalidJson: { status: 400, code: 'structure', zh: 'JSON 有误:{0}', en: 'Not valid JSON: {0}' },
  invalidXml: { status: 400, code: 'structure', zh: 'XML 有误:{0}', en: 'Not valid XML: {0}' },
  notAResource: {
    status: 400,
    code: 'invalid',
    zh: '请求体不是 FHIR 资源:缺少 resourceType,如 "resourceType": "Patient"',
    en: 'The body is not a FHIR resource: it has no resourceType, such as "resourceType": "Patient"',
  },
  invalidRequest: { status: 400, code: 'invalid', zh: '请求有误:{0}', en: 'Invalid request: {0}' },
  unknownStepParameter: {
    status: 400,
    code: 'not-supported',
    zh: '此操作没有参数「{0}」;可用参数:{1}',
    en: 'The operation has no parameter "{0}"; it has: {1}',
  },
  missingStepParameter: {
    status: 400,
    code: 'required',
    zh: '此操作须给出参数「{0}」',
    en: 'The operation needs the parameter "{0}"',
  },
  invalidActor: {
    status: 400,
    code: 'invalid',
    zh: '请求头 {0} 格式有误;例:X-Acting-Organization: Organization/qingshi-health-centre,X-Acting-Roles: alliance-office',
    en: 'The header {0} is not of its form; for instance X-Acting-Organization: Organization/qingshi-health-centre, X-Acting-Roles: alliance-office',
  },
  unauthenticated: {
    status: 401,
    code: 'login',
    zh: '须说明身份:{0}',
    en: 'Who asks must say who they are: {0}',
  },
  actingNeeded: {
    status: 400,
    code: 'required',
    zh: '可代表多个机构,请用请求头 X-Acting-Organization 选择其一:{0}',
    en: 'You may act for several organizations; choose one by the header X-Acting-Organization: {0}',
  },
  notActing: {
    status: 403,
    code: 'forbidden',
    zh: '无此身份:{0}',
    en: 'You do not act so: {0}',
  },
  providerUnavailable: {
    status: 503,
    code: 'transient',
    zh: '身份提供方暂时不可用',
    en: 'The identity provider cannot be reached for now',
  },
  rateLimited: {
    status: 429,
    code: 'throttled',
    zh: '请求过于频繁,请于 {0} 秒后重试',
    en: 'Too many requests; try again in {0} seconds',
  },
  insufficientScope: {
    status: 403,
    code: 'forbidden',
    zh: '令牌的范围(scope)不允许:{0}',
    en: 'The scopes of the token do not permit {0}',
  },
  clientGone: {
    status: 408,
    code: 'timeout',
    zh: '客户端已断开,未等待答复',
    en: 'The client did not wait for the answer',
  },
  tooManyRequests: {
    status: 429,
    code: 'throttled',
    zh: '同时处理的异步请求过多,请稍后再试',
    en: 'Too many asynchronous requests are running; try again later',
  },

  // Resources
  unknownType: {
    status: 404,
    code: 'not-supported',
    zh: '不存在资源类型 {0}',
    en: 'There is no resource type {0}',
  },
  notFound: { status: 404, code: 'not-found', zh: '未找到 {0}', en: '{0} was not found' },
  unknownCode: {
    status: 404,
    code: 'not-found',
    zh: '代码系统 {0} 中没有代码 {1}',
    en: 'The code system {0} has no code {1}',
  },
  unknownCodeOfFragment: {
    status: 404,
    code: 'not-found',
    zh: '代码系统 {0} 在此只有部分代码,其中没有 {1}',
    en: 'Only a part of the code system {0} is here, and {1} is not in it',
  },
  codeTwice: {
    status: 422,
    code: 'duplicate',
    zh: '代码 {0} 重复',
    en: 'The code {0} stands twice',
  },
  parentMissing: {
    status: 422,
    code: 'not-found',
    zh: '代码 {0} 的上级 {1} 不在其前,也不在此部分',
    en: 'The parent {1} of the code {0} is neither before it nor in this part',
  },
  notExpandable: {
    status: 422,
    code: 'not-supported',
    zh: '值集无法展开:此服务器没有 {0} 的全部代码,或不支持其筛选条件',
    en: 'The value set cannot be expanded: the codes of {0} are not here, or are filtered in a way that is not supported',
  },
  expansionTooLarge: {
    status: 422,
    code: 'too-costly',
    zh: '展开超过 {0} 个概念;请给出 filter 或 count',
    en: 'The expansion has more than {0} concepts; give a filter or a count',
  },
  gone: { status: 410, code: 'deleted', zh: '{0} 已删除', en: '{0} was deleted' },
  typeMismatch: {
    status: 400,
    code: 'invalid',
    zh: '资源类型 {0} 与地址中的 {1} 不符',
    en: 'The resource is a {0}, the address is of {1}',
  },
  idMismatch: {
    status: 400,
    code: 'invalid',
    zh: '资源 id「{0}」与地址中的「{1}」不符',
    en: 'The resource has the id "{0}", the address "{1}"',
  },
  idMissing: {
    status: 400,
    code: 'required',
    zh: '更新的资源须带 id',
    en: 'A resource that is updated must carry its id',
  },
  invalidId: {
    status: 400,
    code: 'value',
    zh: 'id「{0}」不合格式 [A-Za-z0-9-.]{1,64}',
    en: 'The id "{0}" is not of the form [A-Za-z0-9-.]{1,64}',
  },
  unknownProfile: {
    status: 400,
    code: 'not-supported',
    zh: '服务器没有 profile「{0}」',
    en: 'This server does not know the profile "{0}"',
  },

  // Versions and conditions
  versionConflict: {
    status: 412,
    code: 'conflict',
    zh: 'If-Match 要求版本 {0},当前版本为 {1}',
    en: 'If-Match asks for version {0}, the current version is {1}',
  },
  multipleMatches: {
    status: 412,
    code: 'multiple-matches',
    zh: '条件 {0} 匹配到多条资源',
    en: 'The condition {0} matches more than one resource',
  },
  criteriaOnCreate: {
    status: 400,
    code: 'invalid',
    zh: '新建不接受查询条件;有条件的新建请用请求头 If-None-Exist: {0}',
    en: 'A create takes no search criteria; for a conditional create send the header If-None-Exist: {0}',
  },
  emptyCondition: {
    status: 412,
    code: 'invalid',
    zh: '条件操作须给出查询条件',
    en: 'A conditional interaction needs search criteria',
  },
  idTaken: {
    status: 409,
    code: 'conflict',
    zh: '{0} 已存在,但不符合条件 {1}',
    en: '{0} exists, but does not meet the condition {1}',
  },
  referredTo: {
    status: 409,
    code: 'conflict',
    zh: '{0} 仍被其他资源引用,不能删除:{1}',
    en: '{0} cannot be deleted, because others refer to it: {1}',
  },
  writeConflict: {
    status: 409,
    code: 'conflict',
    zh: '与其他请求同时修改了同一资源,请重试',
    en: 'Another request changed the same resource at the same time; try again',
  },
  storeTrouble: {
    status: 503,
    code: 'transient',
    zh: '数据库有问题:{0}',
    en: 'The database is in trouble: {0}',
  },
  auditUnavailable: {
    status: 503,
    code: 'transient',
    zh: '审计记录无法保存,请求因此被拒绝;请稍后再试',
    en: 'Accesses cannot be recorded for now, so none are granted; try again later',
  },
  auditReadOnly: {
    status: 405,
    code: 'business-rule',
    zh: 'AuditEvent 由服务器自己记录,只能读取和检索,没有历史版本',
    en: 'The server itself keeps the AuditEvents: they can be read and searched, not written, and have no history',
  },
  auditOrder: {
    status: 400,
    code: 'not-supported',
    zh: 'AuditEvent 只能按 date 或 _lastUpdated 排序,不能按 {0}',
    en: 'AuditEvents can be sorted by date or _lastUpdated, not by {0}',
  },
  storeUnavailable: {
    status: 503,
    code: 'transient',
    zh: '数据库暂时不可用',
    en: 'The database cannot be reached for now',
  },
  tooManyCombinations: {
    status: 422,
    code: 'too-long',
    zh: '资源的值组合过多,无法建立索引:参数 {0} 超过 {1} 个',
    en: 'The values of the resource combine too often to be indexed: more than {1} for {0}',
  },
  storeBusy: {
    status: 503,
    code: 'throttled',
    zh: '正在进行的查询过多,请稍后再试',
    en: 'Too many searches are running; try again later',
  },
  answersWaiting: {
    status: 503,
    code: 'throttled',
    zh: '待客户端读取的应答过多,请稍后再试',
    en: 'Too many answers are waiting to be read; try again later',
  },
  largeRequestsBusy: {
    status: 503,
    code: 'throttled',
    zh: '正在处理的大请求过多,请稍后再试',
    en: 'Too many large requests are being processed; try again later',
  },
  laterRequestLost: {
    status: 503,
    code: 'transient',
    zh: '处理该请求的服务进程已终止,请重新发送',
    en: 'The process that worked at this request has ended; send it again',
  },
  tooMuchWork: {
    status: 413,
    code: 'too-costly',
    zh: '请求体处理代价过高;请分成几次发送',
    en: 'The body takes too much to process; send it in parts',
  },

  // Search
  unknownParameter: {
    status: 400,
    code: 'not-supported',
    zh: '{0} 没有查询参数「{1}」;可用参数:{2}',
    en: '{0} has no search parameter "{1}"; valid parameters are: {2}',
  },
  invalidPart: {
    status: 400,
    code: 'invalid',
    zh: '复合查询参数的一部分有误:{0}',
    en: 'A part of a composite search parameter is not right: {0}',
  },
  misspeltParameter: {
    status: 400,
    code: 'not-supported',
    zh: '{0} 没有查询参数「{1}」;最接近的是 {2};可用参数:{3}',
    en: '{0} has no search parameter "{1}"; the nearest is {2}; valid parameters are: {3}',
  },
  invalidParameter: {
    status: 400,
    code: 'invalid',
    zh: '查询参数 {0} 有误:{1}',
    en: 'Invalid search parameter {0}: {1}',
  },
  parameterIndexing: {
    status: 503,
    code: 'transient',
    zh: '查询参数 {0} 正在建立索引,请稍后再试',
    en: 'The search parameter {0} is still being indexed; try again later',
  },
  unusableParameter: {
    status: 400,
    code: 'not-supported',
    zh: '查询参数 {0} 不可用:{1}',
    en: 'The search parameter {0} cannot be used: {1}',
  },
  unsupportedModifier: {
    status: 400,
    code: 'not-supported',
    zh: '参数 {0} 不支持修饰符 :{1}',
    en: 'Parameter {0} does not support the modifier :{1}',
  },
  tooCostly: { status: 403, code: 'too-costly', zh: '查询代价过高:{0}', en: 'The search is too costly: {0}' },

  // Patches
  jsonPatchAsJson: {
    status: 400,
    code: 'invalid',
    zh: '收到的像是 JSON Patch(数组);请以 Content-Type: application/json-patch+json 发送',
    en: 'This looks like a JSON Patch (a list); send it with Content-Type: application/json-patch+json',
  },
  emptyPatch: {
    status: 400,
    code: 'required',
    zh: '没有收到补丁;请发送 JSON Patch(application/json-patch+json,操作的数组),或以 FHIRPath Patch 发送 Parameters 资源(application/fhir+json)',
    en: 'There is no patch in the request; send a JSON Patch (application/json-patch+json, a list of operations), or a FHIRPath Patch, which is a Parameters resource (application/fhir+json)',
  },
  mergePatch: {
    status: 400,
    code: 'not-supported',
    zh: '收到的像是合并补丁(merge patch),服务器不支持;请发送 JSON Patch(application/json-patch+json),或以 FHIRPath Patch 发送 Parameters 资源(application/fhir+json)',
    en: 'This looks like a merge patch, which is not supported; send a JSON Patch (application/json-patch+json), or a FHIRPath Patch, which is a Parameters resource (application/fhir+json)',
  },
  notAPatch: { status: 400, code: 'invalid', zh: '补丁有误:{0}', en: 'The patch is not right: {0}' },
  invalidPatch: { status: 400, code: 'invalid', zh: '补丁操作 {0} 有误:{1}', en: 'Patch operation {0}: {1}' },
  patchTargetMissing: {
    status: 422,
    code: 'processing',
    zh: '补丁操作 {0}:资源中没有 {1}',
    en: 'Patch operation {0}: the resource has nothing at {1}',
  },
  patchTargetAmbiguous: {
    status: 422,
    code: 'multiple-matches',
    zh: '补丁操作 {0}:{1} 选中 {2} 个元素,只能选中一个',
    en: 'Patch operation {0}: {1} selects {2} elements, it must select one',
  },
  patchRefused: {
    status: 422,
    code: 'processing',
    zh: '补丁操作 {0} 无法执行:{1}',
    en: 'Patch operation {0} cannot be done: {1}',
  },
  patchTestFailed: {
    status: 422,
    code: 'conflict',
    zh: '补丁操作 {0}:{1} 的值与预期不符',
    en: 'Patch operation {0}: the value at {1} is not the one expected',
  },
  patchProtected: {
    status: 422,
    code: 'business-rule',
    zh: '补丁不得修改 {0}',
    en: 'A patch cannot change {0}',
  },
  patchTooLarge: {
    status: 422,
    code: 'too-costly',
    zh: '补丁操作过多或内容过大',
    en: 'The patch has too many operations or too much content',
  },

  // Bundles
  bundleTooLarge: {
    status: 413,
    code: 'too-long',
    zh: '条目数 {1} 超过上限 {0}',
    en: 'The bundle has {1} entries, the most is {0}',
  },

  overlappingEntries: {
    status: 400,
    code: 'invalid',
    zh: '条目 {1} 与 {2} 涉及同一资源 {0}',
    en: 'Entries {1} and {2} touch the same resource {0}',
  },
  unknownFullUrl: {
    status: 400,
    code: 'not-found',
    zh: '引用 {0} 不是本 Bundle 中任何条目的 fullUrl',
    en: 'The reference {0} is the fullUrl of no entry of this bundle',
  },
  referenceInBatch: {
    status: 400,
    code: 'invalid',
    zh: '批处理的条目不得引用同一批中新建的条目 {0};请用 transaction',
    en: 'An entry of a batch cannot refer to {0}, which the same batch creates; send a transaction',
  },
  unresolvedReference: {
    status: 412,
    code: 'not-found',
    zh: '条件引用 {0} 未匹配到资源',
    en: 'The conditional reference {0} matches nothing',
  },

  // Subscriptions
  unknownTopic: {
    status: 400,
    code: 'not-supported',
    zh: '没有主题「{0}」;可用主题:{1}',
    en: 'There is no topic "{0}"; there are: {1}',
  },
  unknownFilter: {
    status: 400,
    code: 'not-supported',
    zh: '主题不能按「{0}」筛选;可用:{1}',
    en: 'The topic has no filter "{0}"; it has: {1}',
  },

  // What should not happen: the text tells nothing of the inside
  internal: {
    status: 500,
    code: 'exception',
    zh: '服务器内部错误(编号 {0})',
    en: 'Internal error (number {0})',
  },
} as const satisfies Record<string, RefusalKind>;

/** A request that is refused: thrown anywhere below the HTTP layer, turned into an answer in one place there. */
export class Refusal extends Error {
  readonly status: number;
  readonly issues: readonly Issue[];
  /** HTTP headers that go with the status, e.g. `Allow` with 405. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, issues: readonly Issue[], headers: Readonly<Record<string, string>> = {}) {
    super(issues.map((issue) => issue.text.en).join('; '));
    this.status = status;
    this.issues = issues;
    this.headers = headers;
  }
}

/** A detail of an occurrence: a name or a value, or, where it is said in words, the words in both languages. */
export type Detail = string | Text;

/**
 * What a client sent, as a detail of a refusal: a text as it is, anything else as JSON, cut off after so many
 * characters. An object may bring a `toString` of its own, so that nothing unchecked can be made a text by the language.
 */
export function sentValue(value: unknown, longest = 80): string {
  return (typeof value === 'string' ? value : (JSON.stringify(value) ?? '')).slice(0, longest);
}

/** The Refusal of a kind, with the details of this occurrence filled in. */
export function refuse(kind: RefusalKind, details: readonly Detail[] = [], expression?: string[]): Refusal {
  const fill = (language: keyof Text) =>
    kind[language].replace(/\{(\d)\}/g, (_, n) => {
      const detail = details[Number(n)] ?? '';
      return typeof detail === 'string' ? detail : detail[language];
    });
  const text: Text = { zh: fill('zh'), en: fill('en') };
  return new Refusal(kind.status, [
    { severity: 'error', code: kind.code, text, ...(expression && { expression }) },
  ]);
}
