import type { RefusalKind } from '../../fhir/refusal.ts';

/** What a whole file is refused with; what is wrong in a row is told of the row. */
export const intakeRefusals = {
  encoding: {
    status: 400,
    code: 'structure',
    zh: '内容不是 {0} 编码的文字;请用 UTF-8 或 GB18030(GBK)',
    en: 'The content is not text in {0}; send UTF-8 or GB18030 (GBK)',
  },
  unknownEncoding: {
    status: 415,
    code: 'not-supported',
    zh: '不支持字符集 {0};请用 UTF-8 或 GB18030(GBK)',
    en: 'The character set {0} is not supported; send UTF-8 or GB18030 (GBK)',
  },
  csv: {
    status: 400,
    code: 'structure',
    zh: 'CSV 第 {0} 行不能读:{1}',
    en: 'Line {0} of the CSV cannot be read: {1}',
  },
  noHeader: {
    status: 400,
    code: 'structure',
    zh: '第一行须为栏名;认得的栏名见 {0}',
    en: 'The first row must be the names of the columns; those that are known are in {0}',
  },
  columnTwice: {
    status: 400,
    code: 'structure',
    zh: '有两栏都叫“{0}”,只能有一栏',
    en: 'Two columns are called "{0}"; there can be but one',
  },
  noRows: { status: 400, code: 'required', zh: '没有一行数据', en: 'There is no row of data' },
  tooManyRows: {
    status: 413,
    code: 'too-costly',
    zh: '一次最多 {0} 行,请分开提交',
    en: 'There can be {0} rows at a time; send the others separately',
  },
  tooManyColumns: {
    status: 413,
    code: 'too-costly',
    zh: '第 {0} 行超过 {1} 栏',
    en: 'Row {0} has more than {1} columns',
  },
  tooLongCell: {
    status: 413,
    code: 'too-long',
    zh: '第 {0} 行有一格超过 {1} 个字符',
    en: 'Row {0} has a cell of more than {1} characters',
  },
  notRows: {
    status: 400,
    code: 'structure',
    zh: 'JSON 须为一个对象,或对象的数组(也可放在 rows 中)',
    en: 'The JSON must be one object, or an array of objects (which may stand in "rows")',
  },
  notXlsx: {
    status: 400,
    code: 'structure',
    zh: '不是可读的 XLSX 文件:{0}',
    en: 'It is no XLSX file that can be read: {0}',
  },
  oldExcel: {
    status: 415,
    code: 'not-supported',
    zh: '这是旧的 .xls 文件,请另存为 .xlsx 再上传',
    en: 'This is an old .xls file; save it as .xlsx and send that',
  },
  unpacksTooLarge: {
    status: 413,
    code: 'too-costly',
    zh: 'XLSX 解压后超过 {0} 字节',
    en: 'The XLSX is larger than {0} bytes when it is unpacked',
  },
  formula: {
    status: 422,
    code: 'value',
    zh: '单元格 {0} 是公式;请只粘贴数值',
    en: 'Cell {0} is a formula; paste its value instead',
  },
  mediaType: {
    status: 415,
    code: 'not-supported',
    zh: '不支持内容类型 {0};请用 {1}',
    en: 'Content type {0} is not supported; send {1}',
  },
  parameter: {
    status: 400,
    code: 'value',
    zh: '参数 {0} 的值 {1} 不可用;须为 {2}',
    en: 'The parameter {0} cannot be {1}; it takes {2}',
  },
  unknownParameter: {
    status: 400,
    code: 'not-supported',
    zh: '没有参数 {0};可用:{1}',
    en: 'There is no parameter {0}; there are {1}',
  },
  unknownMap: {
    status: 400,
    code: 'not-found',
    zh: '没有可用的对照表 {0}(active 的 ConceptMap)',
    en: 'There is no mapping {0}: no active ConceptMap of the intake has this id or URL',
  },
} as const satisfies Record<string, RefusalKind>;
