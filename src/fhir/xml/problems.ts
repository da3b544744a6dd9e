import type { Text } from '../outcome.ts';
import { type Refusal, refusals, refuse } from '../refusal.ts';

/** What of a name or a value is shown. */
const shown = 64;

const quoted = (name: string) => (name.length > shown ? `${name.slice(0, shown)}…` : name);

/** What can be wrong with XML that is well-formed, and with its bytes. */
export const problems = {
  notUtf8: { zh: '请求体不是 UTF-8(是否 GBK?)', en: 'the body is not UTF-8 (is it GBK?)' },
  encoding: (name: string) => ({
    zh: `声明的编码为 ${quoted(name)};FHIR XML 须用 UTF-8`,
    en: `its encoding is said to be ${quoted(name)}; FHIR's is UTF-8`,
  }),
  doctype: {
    zh: '不接受 DOCTYPE 和实体定义',
    en: 'a DOCTYPE, and with it the definition of entities, is not taken',
  },
  tooDeep: (limit: number) => ({
    zh: `嵌套超过 ${limit} 层`,
    en: `nested deeper than ${limit} levels`,
  }),
  attributes: (limit: number) => ({
    zh: `一个元素的属性超过 ${limit} 个`,
    en: `an element has more than ${limit} attributes`,
  }),
  namespace: (name: string, namespace: string) => ({
    zh: `<${quoted(name)}> 的命名空间须为 ${namespace}`,
    en: `<${quoted(name)}> must be of the namespace ${namespace}`,
  }),
  notAResource: (name: string) => ({
    zh: `<${quoted(name)}> 不是 FHIR R4 的资源`,
    en: `<${quoted(name)}> is no resource of FHIR R4`,
  }),
  oneResource: (name: string) => ({
    zh: `<${name}> 须含且只含一个资源`,
    en: `<${name}> holds one resource, no more and no less`,
  }),
  element: (name: string, parent: string) => ({
    zh: `<${parent}> 没有元素 <${quoted(name)}>`,
    en: `<${parent}> has no element <${quoted(name)}>`,
  }),
  attribute: (name: string, element: string) => ({
    zh: `<${element}> 没有属性 ${quoted(name)}`,
    en: `<${element}> has no attribute ${quoted(name)}`,
  }),
  foreign: (name: string) => ({
    zh: `叙述文本中不得有 ${quoted(name)}`,
    en: `a narrative cannot have ${quoted(name)}`,
  }),
  twice: (name: string) => ({ zh: `<${name}> 出现了两次`, en: `<${name}> occurs twice` }),
  order: (name: string, before: string) => ({
    zh: `<${name}> 须在 <${before}> 之前:元素须按定义的顺序`,
    en: `<${name}> must stand before <${before}>: elements come in the order of the definition`,
  }),
  empty: (name: string) => ({
    zh: `<${name}> 为空:须有 value 或内容`,
    en: `<${name}> is empty: it needs a value or content`,
  }),
  text: (parent: string) => ({
    zh: `<${parent}> 中有文本:值须写在 value 属性中`,
    en: `there is text in <${parent}>: values stand in the attribute value`,
  }),
  boolean: (name: string) => ({
    zh: `<${name}> 的值须为 true 或 false`,
    en: `the value of <${name}> must be true or false`,
  }),
  number: (name: string) => ({ zh: `<${name}> 的值不是数字`, en: `the value of <${name}> is no number` }),
} satisfies Record<string, Text | ((...details: never[]) => Text)>;

/** What a parser says of XML that is not well-formed, and what is told: its own words quote the input. */
const faults: readonly (readonly [RegExp, Text])[] = [
  [/unclosed tag|unexpected end|must contain a root/, { zh: '意外结束', en: 'it ends too soon' }],
  [/closing tag|close tag/, { zh: '结束标记与开始标记不符', en: 'an end tag matches no start tag' }],
  [
    /entity/,
    {
      zh: '未知的实体:只有 &lt; &gt; &amp; &quot; &apos; 和字符编号',
      en: 'an unknown entity: there are &lt; &gt; &amp; &quot; &apos; and numbers of characters',
    },
  ],
  [/unbound namespace/, { zh: '未声明的命名空间前缀', en: 'a prefix of a namespace that is not declared' }],
  [/duplicate attribute/, { zh: '属性重复', en: 'an attribute occurs twice' }],
  [/root/, { zh: '根元素之外有内容', en: 'there is something outside of the root element' }],
  [/XML declaration/, { zh: 'XML 声明有误', en: 'the XML declaration is not right' }],
  [/attribute/, { zh: '属性有误', en: 'an attribute is not right' }],
  [/disallowed character/, { zh: '有 XML 不允许的字符', en: 'a character that XML does not allow here' }],
];

/** What is told of a fault that the parser has found. */
export function faultOf(message: string): Text {
  return faults.find(([pattern]) => pattern.test(message))?.[1] ?? { zh: '语法错误', en: 'a syntax error' };
}

/** The refusal of XML for a problem at a place of its text: an offset, told as line and column from 1 on. */
export function refuseXml(problem: Text, text = '', offset?: number): Refusal {
  if (offset === undefined) return refuse(refusals.invalidXml, [problem]);
  const before = text.slice(0, offset);
  const line = before.split('\n').length;
  const column = offset - before.lastIndexOf('\n');
  return refuse(refusals.invalidXml, [
    {
      zh: `第 ${line} 行第 ${column} 列:${problem.zh}`,
      en: `line ${line}, column ${column}: ${problem.en}`,
    },
  ]);
}
