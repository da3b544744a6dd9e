import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JWK } from 'jose';
import { makeApiKey } from './access/identity/api-key.ts';
import { clientExtensions, registeredClient } from './access/identity/client.ts';
import { makeKeyFile } from './cli/key-file.ts';
import type { Element, Resource } from './fhir/resource.ts';
import type { Running } from './main.ts';

/** A client of the secure demo, and one thing to try with it. */
interface DemoClient {
  role: string;
  organization?: string;
  zh: string;
  en: string;
  /** What is asked, below the base. */
  ask: string;
}

const clients: readonly DemoClient[] = [
  {
    role: 'referrer',
    organization: 'Organization/qingshi-health-centre',
    zh: '卫生院的系统:本院转出的',
    en: "a health centre's system: what it has referred",
    ask: 'ServiceRequest?_count=5',
  },
  {
    role: 'receiver',
    organization: 'Organization/yongan-county-hospital',
    zh: '县医院的系统:转来的',
    en: "the county hospital's system: what is referred to it",
    ask: 'Task?status=requested&_count=5',
  },
  {
    role: 'liaison',
    organization: 'Organization/yongan-county-hospital',
    zh: '县医院的转诊联络员:待办',
    en: "the county hospital's liaison: what waits for it",
    ask: 'Task?waiting-for=Organization/yongan-county-hospital&_sort=due',
  },
  {
    role: 'medical-affairs',
    organization: 'Organization/yongan-county-hospital',
    zh: '县医院医务科:本院人员',
    en: "the county hospital's medical affairs: its people",
    ask: 'PractitionerRole?organization=Organization/yongan-county-hospital',
  },
  {
    role: 'alliance-office',
    organization: 'Organization/yongan-alliance',
    zh: '医共体办公室:全部转诊',
    en: 'the alliance office: all referrals',
    ask: 'Task?_count=5&_total=accurate',
  },
  {
    role: 'family-doctor',
    organization: 'Organization/qingshi-health-centre',
    zh: '家庭医生团队:签约居民',
    en: "a family doctors' team: its signed residents",
    ask: 'Patient?_count=5',
  },
  {
    role: 'insurer',
    zh: '医保经办:看不到患者',
    en: 'the insurer: it sees no patients',
    ask: 'Patient?_count=5',
  },
  {
    role: 'platform',
    zh: '区域平台:机构目录',
    en: 'the regional platform: the directory',
    ask: 'Organization?_count=5',
  },
  {
    role: 'administrator',
    zh: '系统管理员:已登记的客户端',
    en: 'an administrator: the registered clients',
    ask: `Device?_profile=${encodeURIComponent(registeredClient)}&_elements=status,deviceName,owner`,
  },
];

/**
 * Registers a client for every role, each with a key of its own in `[folder]/clients`, and gives the commands to try: each
 * works when it is pasted. The API key is a new one at each start.
 */
export async function prepareClients({ server, router, base }: Running, folder: string): Promise<string> {
  const place = join(folder, 'clients');
  mkdirSync(place, { recursive: true, mode: 0o700 });
  const old = makeApiKey('demo-old-software');
  const expires = new Date(Date.now() + 7 * 86_400_000).toISOString();
  const oldSoftware: Element = {
    url: clientExtensions.apiKey,
    extension: [
      { url: 'digest', valueBase64Binary: old.digest },
      { url: 'expires', valueInstant: expires },
      { url: 'network', valueString: '127.0.0.0/8' },
      { url: 'network', valueString: '::1' },
    ],
  };
  const devices = [
    ...clients.map((client) => device(client, keysOf(join(place, `${client.role}.json`)))),
    device({ ...clients[0]!, role: 'referrer' }, oldSoftware, 'demo-old-software'),
  ];
  for (const body of devices) {
    const { route, address } = router('PUT', ['Device', body.id!]);
    await route.run(server, { method: 'PUT', ...address, query: [], body, prefer: { return: 'minimal' } });
  }
  return commands(base, place, old.key);
}

function device(client: DemoClient, comesInBy: Element, id = `demo-${client.role}`): Resource {
  return {
    resourceType: 'Device',
    id,
    meta: { profile: [registeredClient] },
    extension: [{ url: clientExtensions.role, valueCode: client.role }, comesInBy],
    status: 'active',
    deviceName: [{ name: `${client.zh} / ${client.en}`, type: 'user-friendly-name' }],
    ...(client.organization && { owner: { reference: client.organization } }),
  };
}

/** The public key of a client, whose private one is in a file; made when it is not there. */
function keysOf(file: string): Element {
  const key = existsSync(file)
    ? publicHalf(JSON.parse(readFileSync(file, 'utf8')) as JWK)
    : makeKeyFile(file);
  return { url: clientExtensions.keys, valueString: JSON.stringify({ keys: [key] }) };
}

function publicHalf({ d: _, ...key }: JWK): JWK {
  return key;
}

function commands(base: string, place: string, apiKey: string): string {
  const tries = clients.map(
    ({ role, zh, en, ask }) => `# ${en} / ${zh}
TOKEN=$(npm run -s token -- --client demo-${role} --key '${join(place, `${role}.json`)}' --server '${base}')
curl -s -H "Authorization: Bearer $TOKEN" '${base}/${ask}&_pretty=true'
`,
  );
  return `
Zhuanzhen 转诊 is running at ${base}, with access control / 已启用访问控制   (Ctrl-C stops it)
Each client proves itself by its key and gets a token for five minutes. Try, from this folder in another terminal:
每个客户端以其密钥取得五分钟的令牌。在本目录的另一个终端中试一试:

${tries.join('\n')}
# Old software with an API key, the weakest way / 旧软件用 API 密钥,安全性最弱
curl -s -H 'X-Api-Key: ${apiKey}' '${base}/ServiceRequest?_count=5&_pretty=true'

# Who says nothing is not let in / 不说明身份者被拒绝
curl -s '${base}/Patient?_pretty=true'
`;
}
