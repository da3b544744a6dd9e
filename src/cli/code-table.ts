import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import type { CodeSystem } from '../fhir/terminology/concept.ts';
import { type Columns, readTable } from './code-table/read-table.ts';
import { sendTable } from './code-table/send-table.ts';
import { Complaint } from './command.ts';

interface Options extends Columns {
  url: string;
  version: string;
  title?: string;
  id?: string;
  language: string;
  fragment?: boolean;
  caseInsensitive?: boolean;
  charset?: string;
  server: string;
  token?: string;
}

/** `code-table`: brings a table of codes into a server, from CSV. */
export const codeTable = new Command('code-table')
  .description(
    '将代码表(CSV,如 ICD-10 国家临床版、医保版)载入服务器 / Brings a table of codes (CSV, as a national edition of ICD-10) into a server',
  )
  .argument('<file>', 'CSV')
  .requiredOption('--url <url>', '代码系统的 URL / the URL of the code system')
  .requiredOption('--version <version>', '版本;同一版本被取代 / its version; the same one is replaced')
  .option('--title <title>', '名称 / its title')
  .option('--id <id>', '资源 id / id of the CodeSystem')
  .option('--language <language>', '名称的语言 / language of the displays', 'zh-CN')
  .option('--fragment', '只是一部分代码 / these are only some of the codes')
  .option('--case-insensitive', '代码不分大小写 / codes differ by more than case')
  .option('--code <column>', '代码栏 / column of the codes')
  .option('--display <column>', '名称栏 / column of the displays')
  .option('--parent <column>', '上级代码栏 / column of the codes above')
  .option('--english <column>', '英文名栏 / column of the English names')
  .option('--property <column...>', '作为属性的栏 / columns that become properties')
  .option('--charset <name>', '字符集,不填时自动识别 / character set; told by itself when left out')
  .option('--server <url>', 'FHIR', process.env.BASE_URL ?? 'http://localhost:8080/fhir')
  .option('--token <token>', '访问令牌 / access token', process.env.ZHUANZHEN_TOKEN)
  .addHelpText(
    'after',
    `
例 / Examples:
  zhuanzhen code-table icd10-clinical.csv --url urn:oid:2.16.156.10011.2.3.3.11.3 --version 2.0
  zhuanzhen code-table 医保版.csv --url https://w3id.org/zhuanzhen/CodeSystem/icd-10-insurance --version 2.0 --code 诊断代码 --display 诊断名称

没有上级代码栏时,ICD-10 的层级依代码的结构。新表到齐才取代旧表。
Where there is no column of codes above, the hierarchy of ICD-10 is that of its codes. A table takes the place of the former once it is whole.
`,
  )
  .action(async (file: string, options: Options) => {
    try {
      process.stdout.write(`${await loadTable(file, options)}\n`);
    } catch (error) {
      const { code, cause, message } = error as NodeJS.ErrnoException;
      const isForReader = error instanceof Complaint || code !== undefined || cause !== undefined;
      if (!isForReader) throw error;
      process.stderr.write(`${file}: ${cause instanceof Error ? cause.message : message}\n`);
      process.exitCode = 1;
    }
  });

async function loadTable(file: string, options: Options): Promise<string> {
  const { concepts, repeated } = readTable(readFileSync(file), options, options.charset);
  const { server, token, url, version } = options;
  const tell = (done: number, all: number) => {
    if (process.stderr.isTTY) process.stderr.write(`\r${done}/${all}${done === all ? '\n' : ''}`);
  };
  const { id } = await sendTable(codeSystemOf(options, concepts), { server, token, tell });
  const again = repeated > 0 ? `,${repeated} 行重复 / ${repeated} rows repeated` : '';
  const count = concepts.length;
  return `CodeSystem/${id}: ${url}|${version},${count} 个代码 / ${count} codes${again}`;
}

function codeSystemOf(options: Options, concept: CodeSystem['concept'] & object): CodeSystem {
  const { url, version, title, id, language, fragment, caseInsensitive, property = [] } = options;
  const hasParents = concept.some((each) => each.property?.some(({ code }) => code === 'parent'));
  const properties = [
    ...(hasParents ? [{ code: 'parent', type: 'code' }] : []),
    ...property.map((code) => ({ code, type: 'string' })),
  ];
  return {
    resourceType: 'CodeSystem',
    ...(id !== undefined && { id }),
    ...{ url, version: version, language },
    ...(title !== undefined && { title }),
    status: 'active',
    content: fragment ? 'fragment' : 'complete',
    caseSensitive: !caseInsensitive,
    ...(properties.length > 0 && { property: properties }),
    concept,
  };
}

if (import.meta.main) await codeTable.parseAsync();
