import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { type Issue, isError } from '../fhir/outcome.ts';
import { Refusal } from '../fhir/refusal.ts';
import { isResource, type Resource } from '../fhir/resource.ts';
import { createValidator } from '../fhir/validation/validator.ts';
import { inEntry } from '../interactions/located.ts';
import { readDefinitions } from '../project.ts';
import { unseenDirectory } from '../referral/intake/directory/unseen-directory.ts';
import { isIntakeMap } from '../referral/intake/mapping.ts';
import { Mappings } from '../referral/intake/mappings.ts';
import { problemOfIssue } from '../referral/intake/places.ts';
import type { Problem } from '../referral/intake/problem.ts';
import { readRows, xlsxType } from '../referral/intake/read/read.ts';
import { referralOf } from '../referral/intake/referral-of.ts';
import type { RowReader } from '../referral/intake/row.ts';
import { Complaint } from './command.ts';

/** How files are converted. */
export interface ConvertOptions {
  /** Files of ConceptMaps, those first that count first. */
  mapping: readonly string[];
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
  /** A line for each problem, in both languages. */
  complaints: string[];
  /** How many rows became referrals, and how many did not. */
  converted: number;
  refused: number;
}

/** Files larger than this are no tables of referrals, in bytes. */
const largest = 64_000_000;

/**
 * Makes transaction Bundles of tables (JSON, CSV, XLSX), as `POST /intake/referrals` does, without a server: institutions
 * and people are References that the server which gets them resolves. They are checked against the profiles; the rules
 * need what a server holds, and judge when they are sent.
 */
export async function convert(files: readonly string[], options: ConvertOptions): Promise<Converted> {
  const definitions = readDefinitions();
  const maps = options.mapping.map(readMap);
  const reader = new Mappings(definitions).compiled(maps, 'referral', 'http://localhost/fhir');
  const validator = createValidator(definitions);
  const bundles: { name: string; bundle: Resource }[] = [];
  const complaints: string[] = [];
  let refused = 0;
  for (const file of files) {
    const sent = await rowsOf(file, options.charset);
    for (const row of sent.rows) {
      const made = await referralOf(row, reader, unseenDirectory, options.organization);
      const problems = 'problems' in made ? made.problems : invalid(made, reader, validator);
      if ('problems' in made || problems.length > 0) {
        refused++;
        complaints.push(...problems.map((problem) => complaintOf(file, row.number, problem)));
      } else
        bundles.push({
          name: `${basename(file, extname(file))}-${row.number}.json`,
          bundle: made.referral.bundle,
        });
    }
  }
  return {
    output: write(bundles, options.out),
    complaints,
    converted: bundles.length,
    refused,
  };
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

/** What the base specification and the profiles find wrong. */
function invalid(
  { row, referral }: Extract<Awaited<ReturnType<typeof referralOf>>, { row: unknown }>,
  reader: RowReader,
  validator: ReturnType<typeof createValidator>,
): Problem[] {
  const { bundle } = referral;
  const claimed = bundle.entry.flatMap(({ resource }, index) =>
    validator.validateClaimed(resource).map((issue: Issue) => inEntry(issue, index)),
  );
  return [...validator.validateBase(bundle), ...claimed]
    .filter(isError)
    .map((issue) => problemOfIssue(issue, row, referral, reader));
}

function complaintOf(file: string, row: number, { text }: Problem): string {
  return `${file}:${row}: ${text.zh} / ${text.en}`;
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
