#!/usr/bin/env node
import { Command } from 'commander';
import { addChecks } from './check/commands.ts';
import { Complaint } from './command.ts';
import { convert } from './convert.ts';

const examples = `
例 / Examples:
  zhuanzhen convert referrals.csv                         打印转诊单 / prints the referral as a Bundle
  zhuanzhen convert 转诊.xlsx --out bundles                每行一个文件 / a file for each row
  zhuanzhen convert his.csv --mapping vendor.json          用厂商的对照表 / with a vendor's names of columns and codes
  zhuanzhen convert his.csv --organization 12629901MB000903XQ
  zhuanzhen convert his.csv | curl -H 'Content-Type: application/fhir+json' -d @- http://localhost:8080/fhir

有一行不能转换时退出码为 1,并说明行、栏和原因。
The exit code is 1 where a row cannot be converted; row, column and reason are told.
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
  .command('load', '导入数据 / Load data', { executableFile: './load.ts' })
  .command('audit', '核对、导出审计 / Verify and export the audit', { executableFile: '../audit.ts' });

program
  .command('convert')
  .description(
    '把转诊表(JSON、CSV、XLSX)转为 FHIR,不需服务器 / Make FHIR Bundles of tables (JSON, CSV, XLSX), without a server',
  )
  .argument('<files...>', '转诊表 / the tables')
  .option('-m, --mapping <file...>', '对照表(ConceptMap)/ names of columns and codes', [] as string[])
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
  .action(
    async (
      files: string[],
      options: { mapping: string[]; organization?: string; charset?: string; out?: string },
    ) => {
      const { output, complaints, converted, refused } = await convert(files, options);
      process.stdout.write(output);
      for (const complaint of complaints) process.stderr.write(`${complaint}\n`);
      process.stderr.write(
        `${converted} 行已转换,${refused} 行未转换 / ${converted} converted, ${refused} not\n`,
      );
      process.exitCode = refused > 0 ? 1 : 0;
    },
  );

addChecks(program);

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof Complaint) && (error as NodeJS.ErrnoException).code === undefined) throw error;
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}
