import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { Refusal } from '../fhir/refusal.ts';
import { isResource, type Resource } from '../fhir/resource.ts';
import { readDefinitions } from '../project.ts';
import { unseenDirectory } from '../referral/intake/directory/unseen-directory.ts';
import { isIntakeMap } from '../referral/intake/mapping.ts';
import { Mappings } from '../referral/intake/mappings.ts';
import type { Problem } from '../referral/intake/problem.ts';
import { readRows, xlsxType } from '../referral/intake/read/read.ts';
import { referralOf } from '../referral/intake/referral-of.ts';
import { Complaint } from './command.ts';
import { openJudge } from './judge.ts';

/** How files are converted. */
export interface ConvertOptions {
  /** Files of ConceptMaps, those first that count first. */
  mapping: readonly string[];
  /** Files of Bundles with the institutions and people, and what else the rules read. */
  community?: readonly string[];
  /** The code of the sending organization, for rows that do not name it. */
  organization?: string;
  charset?: string;
  /** A folder, in which each referral becomes a file; without one all go to the output. */
  out?: string;
}

/** What files became. */
export interface Converted {
  /** The referrals, for the output; nothing where they went into files. */
  output: string;
  /** A line for each problem that refuses a row, in both languages, with the rule that is broken. */
  complaints: string[];
  /** A line for each warning, and for each row that could not be judged. */
  notes: string[];
  /** How many rows became referrals, and how many did not. */
  converted: number;
  refused: number;
}

/** Files larger than this are no tables of referrals, in bytes. */
const largest = 64_000_000;

/**
 * Makes transaction Bundles of tables (JSON, CSV, XLSX), as `POST /intake/referrals` does, without a server: institutions
 * and people are References that the server which gets them resolves. Each row is judged as a server would that knows
 * the community, and that has got the rows before it.
 */
export async function convert(files: readonly string[], options: ConvertOptions): Promise<Converted> {
  const { organization, community } = options;
  const maps = options.mapping.map(readMap);
  const reader = new Mappings(readDefinitions()).compiled(maps, 'referral', 'http://localhost/fhir');
  const tables = await Promise.all(
    files.map(async (file) => ({ file, ...(await rowsOf(file, options.charset)) })),
  );
  const bundles: { name: string; bundle: Resource }[] = [];
  const [complaints, notes]: [string[], string[]] = [[], []];
  let refused = 0;
  const judge = await openJudge({ reader, community, organization });
  try {
    for (const { file, rows } of tables)
      for (const row of rows) {
        const line = (problem: Problem) => `${file}:${row.number}: ${told(problem)}`;
        const made = await referralOf(row, reader, unseenDirectory, organization);
        const { problems, remarks = [] } =
          'problems' in made ? { problems: made.problems } : await judge.judge(row, made);
        notes.push(...remarks.map((remark) => `${file}:${row.number}: 提示 / Note: ${told(remark)}`));
        if ('problems' in made || problems.length > 0) {
          refused++;
          complaints.push(...problems.map(line));
        } else
          bundles.push({
            name: `${basename(file, extname(file))}-${row.number}.json`,
            bundle: made.referral.bundle,
          });
      }
  } finally {
    await judge.close();
  }
  return { output: write(bundles, options.out), complaints, notes, converted: bundles.length, refused };
}

function readMap(file: string): Resource {
  const map: unknown = JSON.parse(readFileSync(file, 'utf8'));
  if (!isResource(map) || map.resourceType !== 'ConceptMap' || !isIntakeMap(map))
    throw new Complaint(`${file} 不是平面表的 ConceptMap / is no ConceptMap of the flat form`);
  return { ...map, id: map.id ?? file };
}

const types: Readonly<Record<string, string>> = {
  '.json': 'application/json',
  '.csv': 'text/csv',
  '.tsv': 'text/csv',
  '.txt': 'text/csv',
  '.xlsx': xlsxType,
};

async function rowsOf(file: string, charset: string | undefined) {
  if (statSync(file).size > largest) throw new Complaint(`${file} 太大 / is too large`);
  try {
    return await readRows(readFileSync(file), types[extname(file).toLowerCase()], charset);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const [issue] = error.issues;
    throw new Complaint(`${file}: ${issue!.text.zh} / ${issue!.text.en}`);
  }
}

/** A problem in a line: the rule where one is broken, both texts, and what was found in which column. */
function told({ text, rule, column, found }: Problem): string {
  const broken = rule === undefined ? '' : `[${rule}] `;
  const place = rule === undefined ? '' : [column, found].filter((part) => part !== undefined).join(': ');
  return `${broken}${text.zh} / ${text.en}${place && ` | ${place}`}`;
}

function write(bundles: readonly { name: string; bundle: Resource }[], folder: string | undefined): string {
  if (folder === undefined) {
    const [first] = bundles;
    if (!first) return '';
    const whole =
      bundles.length === 1
        ? first.bundle
        : {
            resourceType: 'Bundle',
            type: 'collection',
            entry: bundles.map(({ bundle }) => ({ resource: bundle })),
          };
    return `${JSON.stringify(whole, null, 2)}\n`;
  }
  mkdirSync(folder, { recursive: true });
  for (const { name, bundle } of bundles)
    writeFileSync(join(folder, name), `${JSON.stringify(bundle, null, 2)}\n`);
  return '';
}
