import type { Command } from 'commander';
import { isGrave } from './finding.ts';
import { inputsOf } from './inputs.ts';
import { jsonOf, reportOf, summaryOf } from './report.ts';
import { send } from './send.ts';
import { ownServer, serverAt } from './server.ts';
import { validate } from './validate.ts';

const examplesOfValidate = `
例 / Examples:
  zhuanzhen validate referral.json                              结构和编码 / structure and codes
  zhuanzhen validate out/ --community community.json            连同转诊规则 / the rules for referrals, too
  zhuanzhen validate 'out/*.ndjson' --json | jq 'select(.valid | not)'
  cat patient.json | zhuanzhen validate - --profile https://w3id.org/zhuanzhen/StructureDefinition/patient
  zhuanzhen validate referral.json --server http://localhost:8080/fhir

不需服务器。规则要用到机构等资料:由 --community 给出,或由 --server 的服务器提供。有错误时退出码为 1。
No server is needed. The rules read who the institutions are: give them by --community, or ask a --server. The exit code
is 1 when there is an error.
`;

const examplesOfSend = `
例 / Examples:
  zhuanzhen send referral.json                                  发到本机 / to this machine
  zhuanzhen send out/ --server https://hospital.example/fhir --token "$TOKEN"

有一个被拒绝时退出码为 1。 / The exit code is 1 when one is refused.
`;

interface ValidateOptions {
  profile: string[];
  community: string[];
  server?: string;
  token?: string;
  json?: true;
}

/** The commands that check resources and send them. */
export function addChecks(program: Command): void {
  program
    .command('validate')
    .description('校验 FHIR 资源和转诊规则 / Check FHIR resources, and the rules for referrals')
    .argument(
      '<places...>',
      '文件、文件夹、通配符,- 为标准输入 / files, folders, patterns, - for the standard input',
    )
    .option('-p, --profile <url...>', '还须符合的结构 / profiles to be met as well', [])
    .option('-c, --community <file...>', '机构、人员等(Bundle)/ Bundles of institutions and people', [])
    .option('-s, --server <url>', '由此服务器校验 / by this server')
    .option('--token <token>', '令牌 / a token for it')
    .option('--json', '每个资源一行 JSON / a line of JSON for each resource')
    .addHelpText('after', examplesOfValidate)
    .action(async (places: string[], { profile, community, server, token, json }: ValidateOptions) => {
      const asked = server === undefined ? await ownServer(community) : serverAt(server, token);
      try {
        const counted = [];
        for await (const input of inputsOf(places)) {
          const checked = await validate(input, asked, profile);
          process.stdout.write(`${json ? jsonOf(checked) : reportOf(checked)}\n`);
          counted.push({ findings: checked.findings });
        }
        process.stderr.write(`${summaryOf(counted)}\n`);
        process.exitCode = counted.some(({ findings }) => findings.some(isGrave)) ? 1 : 0;
      } finally {
        await asked.close();
      }
    });

  program
    .command('send')
    .description(
      '把资源或 Bundle 发给服务器,并说明结果 / Send resources or Bundles to a server, and show what it says',
    )
    .argument(
      '<places...>',
      '文件、文件夹、通配符,- 为标准输入 / files, folders, patterns, - for the standard input',
    )
    .option('-s, --server <url>', '服务器 / the server', 'http://localhost:8080/fhir')
    .option('--token <token>', '令牌 / a token for it')
    .addHelpText('after', examplesOfSend)
    .action(async (places: string[], { server, token }: { server: string; token?: string }) => {
      const asked = serverAt(server, token);
      let refused = 0;
      for await (const input of inputsOf(places)) {
        const sent = await send(input, asked);
        if (sent.status >= 400) refused++;
        process.stdout.write(`${reportOf(sent)}\n  ${sent.status} ${sent.kept.join(' ')}\n`);
      }
      process.exitCode = refused > 0 ? 1 : 0;
    });
}
