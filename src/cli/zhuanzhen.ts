#!/usr/bin/env node
import { Command } from 'commander';
import { addChecks } from './check/commands.ts';
import { Complaint } from './command.ts';
import { type ConvertOptions, convert } from './convert.ts';

const examples = `
例 / Examples:
  zhuanzhen convert referrals.csv                         打印转诊单 / prints the referral as a Bundle
  zhuanzhen convert 转诊.xlsx --out bundles                每行一个文件 / a file for each row
  zhuanzhen convert his.csv --mapping vendor.json          用厂商的对照表 / with a vendor's names of columns and codes
  zhuanzhen convert his.csv --community county.json        由县内机构和人员判断 / judged with the county's institutions
  zhuanzhen convert his.csv --organization 12629901MB000903XQ
  zhuanzhen convert his.csv | curl -H 'Content-Type: application/fhir+json' -d @- http://localhost:8080/fhir

每行按转诊规则判断,同服务器一样;机构、人员等由 --community 给出,不给时为示例医共体,其中没有的机构只作提示。
有一行未被接受时退出码为 1,并说明行、栏、规则和原因。
Each row is judged by the rules, as a server does. Institutions and people are given by --community; without it they are
those of the example community, and a row of others is noted as not judged. The exit code is 1 where a row is refused;
row, column, rule and reason are told.
`;

const program = new Command('zhuanzhen')
  .description('县域医共体双向转诊 / Referrals in a county medical community')
  .command('serve', '启动服务器 / Start the server', { executableFile: '../main.ts' })
  .command('demo', '启动带示例的服务器 / Start a server with examples', { executableFile: '../demo.ts' })
  .command('client', '登记客户端 / Register clients', { executableFile: './client.ts' })
  .command('person', '登记人员 / Register people', { executableFile: './person.ts' })
  .command('token', '换取令牌 / Get a token', { executableFile: './token.ts' })
  .command('signing-keys', '生成签名密钥 / Make signing keys', { executableFile: './signing-keys.ts' })
  .command('generate', '生成示例人群 / Make a made-up population', { executableFile: './generate.ts' })
  .command('install', '安装 FHIR 包 / Install FHIR packages', { executableFile: './install.ts' })
  .command('code-table', '载入代码表(CSV)/ Load a table of codes (CSV)', {
    executableFile: './code-table.ts',
  })
  .command('load', '导入数据 / Load data', { executableFile: './load.ts' })
  .command('backup', '备份数据 / Back up the data', { executableFile: './backup.ts' })
  .command('audit', '核对、导出审计 / Verify and export the audit', { executableFile: '../audit.ts' });

program
  .command('convert')
  .description(
    '把转诊表(JSON、CSV、XLSX)转为 FHIR,不需服务器 / Make FHIR Bundles of tables (JSON, CSV, XLSX), without a server',
  )
  .argument('<files...>', '转诊表 / the tables')
  .option('-m, --mapping <file...>', '对照表(ConceptMap)/ names of columns and codes', [] as string[])
  .option(
    '-c, --community <file...>',
    '机构、人员等(Bundle),不填为示例医共体 / Bundles of institutions and people; the examples’ when left out',
  )
  .option(
    '--organization <code>',
    '转出机构代码,行中没有时用 / code of the sender, for rows that do not name it',
  )
  .option(
    '--charset <name>',
    '字符集,如 gb18030;不填时自动识别 / character set; told by itself when left out',
  )
  .option('-o, --out <folder>', '每份转诊单存为一个文件 / a file for each referral in this folder')
  .addHelpText('after', examples)
  .action(async (files: string[], options: ConvertOptions) => {
    const { output, complaints, notes, converted, refused } = await convert(files, options);
    process.stdout.write(output);
    for (const line of [...notes, ...complaints]) process.stderr.write(`${line}\n`);
    process.stderr.write(
      `${converted} 行已转换,${refused} 行未转换 / ${converted} converted, ${refused} not\n`,
    );
    process.exitCode = refused > 0 ? 1 : 0;
  });

addChecks(program);

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof Complaint) && (error as NodeJS.ErrnoException).code === undefined) throw error;
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}
