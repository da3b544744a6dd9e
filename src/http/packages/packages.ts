import { type Request as ExpressRequest, Router } from 'express';
import { type Issue, operationOutcome } from '../../fhir/outcome.ts';
import { definitionsOf, installationOf, isBuiltIn, isForR4 } from '../../fhir/packages/installation.ts';
import { type ReadPackage, readPackage, UnreadablePackage } from '../../fhir/packages/read-package.ts';
import { Refusal, refusals, refuse } from '../../fhir/refusal.ts';
import type { Resource } from '../../fhir/resource.ts';
import type { Server } from '../../interactions/server.ts';
import type { LargeRequests } from '../../large-requests/large-requests.ts';
import { takeSlices } from '../../store/slices.ts';
import { readBody } from '../body.ts';
import { createDoor, type DoorOptions } from '../intake/door.ts';
import { contentTypeOf } from '../negotiation.ts';

/** What installing packages works with. */
export interface PackagesOptions extends DoorOptions {
  /** The path of the API. */
  path: string;
  largeRequests: Pick<LargeRequests, 'run'>;
}

const mediaTypes = [
  'application/gzip',
  'application/x-gzip',
  'application/tar+gzip',
  'application/x-tgz',
  'application/x-compressed-tar',
  'application/octet-stream',
];

/**
 * Installs FHIR packages: `POST [base]/packages` with a `.tgz`. Its definitions are stored as whoever sends them would
 * store them, in one transaction, and hold from then on; one that has more than a transaction may have is installed in
 * several. The answer is an OperationOutcome, which also says what could not be understood.
 */
export function createPackages(options: PackagesOptions): Router {
  const router = Router();
  const door = createDoor(options);
  router.post(
    `${options.path}/packages`,
    door(async (present, message, response) => {
      const read = await packageOf(message, options.maxBodyBytes);
      const definitions = definitionsOf(read);
      if (!isBuiltIn(read.manifest.name)) await install(present, definitions, options.largeRequests);
      const outcome = operationOutcome(told(read, definitions, present));
      response.type('application/fhir+json').send(JSON.stringify(outcome));
    }),
  );
  return router;
}

/** The package of a body. Refuses with 400, 413 and 415. */
async function packageOf(message: ExpressRequest, maxBodyBytes: number): Promise<ReadPackage> {
  const type = contentTypeOf(message);
  if (type === undefined || !mediaTypes.includes(type))
    throw refuse(refusals.unsupportedMediaType, [String(type).slice(0, 50), mediaTypes.join(', ')]);
  const { chunks } = await readBody(message, maxBodyBytes);
  try {
    const read = await readPackage(chunks, takeSlices());
    if (isForR4(read.manifest)) return read;
    const versions = read.manifest.fhirVersions.join(', ').slice(0, 100);
    throw new UnreadablePackage({
      zh: `此包用于 FHIR ${versions},本服务器用 R4(4.0.1)`,
      en: `the package is for FHIR ${versions}, this server is for R4 (4.0.1)`,
    });
  } catch (error) {
    if (error instanceof UnreadablePackage) throw refuse(refusals.invalidRequest, [error.text]);
    throw error;
  }
}

async function install(
  present: Server,
  definitions: readonly Resource[],
  largeRequests: Pick<LargeRequests, 'run'>,
): Promise<void> {
  const most = present.limits.maxBundleEntries;
  for (let from = 0; from < definitions.length; from += most) {
    const part = definitions.slice(from, from + most);
    const bytes = Buffer.from(JSON.stringify(installationOf(part)));
    const request = { method: 'POST' as const, query: [], prefer: { return: 'minimal' as const } };
    try {
      await largeRequests.run(present, {
        ...{ segments: [], request, body: { chunks: [bytes] }, allowance: {} },
        routed: () => {},
      });
    } catch (error) {
      throw error instanceof Refusal ? namingDefinitions(error, part) : error;
    }
  }
}

/** The same refusal, where each issue says in which definition it is. */
function namingDefinitions(refusal: Refusal, part: readonly Resource[]): Refusal {
  const issues = refusal.issues.map((issue): Issue => {
    const [place = ''] = issue.expression ?? [];
    const [, index, rest] = /^Bundle\.entry\[(\d+)\]\.resource(.*)$/s.exec(place) ?? [];
    const definition = part[Number(index)];
    if (!definition) return issue;
    const name = `${definition.resourceType}/${definition.id}`;
    return {
      ...issue,
      text: { zh: `${name}:${issue.text.zh}`, en: `${name}: ${issue.text.en}` },
      expression: [definition.resourceType + rest],
    };
  });
  return new Refusal(refusal.status, issues, refusal.headers);
}

/** What was installed, and which profiles cannot be used as long as others are missing. */
function told({ manifest }: ReadPackage, definitions: readonly Resource[], { validator }: Server): Issue[] {
  const name = `${manifest.name}#${manifest.version}`;
  if (isBuiltIn(manifest.name))
    return [note('information', `${name} 是本服务器自带的`, `${name} is part of this server`)];
  const count = definitions.length;
  const unusable = definitions.filter(
    ({ resourceType, url, derivation }) =>
      resourceType === 'StructureDefinition' && derivation === 'constraint' && !validator.knows(String(url)),
  );
  const missing = [...new Set(unusable.map(({ baseDefinition }) => String(baseDefinition)))];
  const needed = Object.entries(manifest.dependencies)
    .filter(([dependency]) => !isBuiltIn(dependency))
    .map(([dependency, version]) => `${dependency}#${version}`);
  return [
    note('information', `已安装 ${name}:${count} 个定义`, `${name} is installed: ${count} definitions`),
    ...missing.map((base) =>
      note(
        'warning',
        `缺少所依据的 ${base.slice(0, 200)};先安装:${needed.join('、')}`,
        `The base ${base.slice(0, 200)} is missing; install before: ${needed.join(', ')}`,
      ),
    ),
  ];
}

function note(severity: Issue['severity'], zh: string, en: string): Issue {
  return { severity, code: severity === 'warning' ? 'not-found' : 'informational', text: { zh, en } };
}
