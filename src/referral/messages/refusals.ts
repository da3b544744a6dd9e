import type { RefusalKind } from '../../fhir/refusal.ts';

/** What messages are refused for, beyond what their resources are. */
export const messageRefusals = {
  notAMessage: {
    status: 400,
    code: 'invalid',
    zh: '$process-message 的请求体须为 message 类型的 Bundle,第一个条目为 MessageHeader',
    en: '$process-message takes a Bundle of the type message whose first entry is a MessageHeader',
  },
  noId: {
    status: 400,
    code: 'required',
    zh: '消息没有编号:请填写 MessageHeader.id(每条新消息用新编号)',
    en: 'The message has no id: state MessageHeader.id, another one for each new message',
  },
  asynchronous: {
    status: 400,
    code: 'not-supported',
    zh: '消息只同步处理,应答即在响应中;地址不接受参数「{0}」(要稍后取应答,可用请求头 Prefer: respond-async)',
    en: 'Messages are processed synchronously, the response message is the answer; the address takes no parameter "{0}" (to fetch the answer later, send the header Prefer: respond-async)',
  },
  aResponse: {
    status: 400,
    code: 'not-supported',
    zh: '服务器不接收应答消息(MessageHeader.response)',
    en: 'The server takes no response messages (MessageHeader.response)',
  },
  unknownEvent: {
    status: 400,
    code: 'not-supported',
    zh: '没有此消息事件:{0};可用的事件:{1}',
    en: 'There is no message event {0}; there are: {1}',
  },
  otherContent: {
    status: 409,
    code: 'duplicate',
    zh: '消息编号 {0} 已用于另一内容的消息;内容不同的消息须用新的 MessageHeader.id',
    en: 'The id {0} is that of a message with another content; give a message that says something else an id of its own (MessageHeader.id)',
  },
  envelopeReused: {
    status: 409,
    code: 'duplicate',
    zh: 'Bundle.id {0} 已用于另一条消息;新消息须用新的 Bundle.id',
    en: 'The Bundle.id {0} has brought another message before; it is never used again',
  },
  anothersMessage: {
    status: 403,
    code: 'forbidden',
    zh: 'MessageHeader.{0} 为 {1},而您是为 {2} 办事',
    en: 'MessageHeader.{0} is of {1}, and you act for {2}',
  },
  taskNeeded: {
    status: 422,
    code: 'required',
    zh: '事件 {0} 须附任务(Task),说明任务的新状态',
    en: 'A message of {0} brings the Task, which says what becomes of it',
  },
  referralNotFound: {
    status: 404,
    code: 'not-found',
    zh: '未找到消息所指的转诊:{0};请以任务 id、任务编号或转诊单编号指明',
    en: 'The referral that the message is about was not found: {0}; name it by the id or number of its Task, or by the number of the referral',
  },
  severalTasks: {
    status: 409,
    code: 'multiple-matches',
    zh: '消息所指的转诊有多个未办结的任务:{0};请以任务 id 指明',
    en: 'The referral that the message is about has several Tasks under way: {0}; name the Task by its id',
  },
  otherStatus: {
    status: 422,
    code: 'business-rule',
    zh: '事件 {0} 不会使任务成为 {1};可为:{2}',
    en: 'A message of {0} does not make a Task {1}, but: {2}',
  },
  focusMissing: {
    status: 422,
    code: 'required',
    zh: '{0} 要求消息的 focus 中至少有 {1} 个 {2},实有 {3} 个',
    en: '{0} asks for at least {1} {2} in the focus of the message, there are {3}',
  },
  focusTooMany: {
    status: 422,
    code: 'invalid',
    zh: '{0} 要求消息的 focus 中至多有 {1} 个 {2},实有 {3} 个',
    en: '{0} asks for at most {1} {2} in the focus of the message, there are {3}',
  },
} as const satisfies Record<string, RefusalKind>;
