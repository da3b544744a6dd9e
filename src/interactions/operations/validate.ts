import { randomUUID } from 'node:crypto';
import { readJson } from '../../fhir/json/parse.ts';
import { type Issue, isBreaking, operationOutcome } from '../../fhir/outcome.ts';
import { type Detail, refusals, refuse, sentValue } from '../../fhir/refusal.ts';
import { isElement, isResource, type Resource } from '../../fhir/resource.ts';
import type { StoredVersion } from '../../store/store.ts';
import { dryRun, isToBeWritten } from '../dry-run.ts';
import { knowingCodes } from '../knowing-codes.ts';
import type { Operation, OperationAnswer, OperationRequest } from '../operation.ts';
import { presentVersion } from '../present-version.ts';
import type { Server } from '../server.ts';
import { judge, type PlannedChange, withoutChange } from '../write.ts';

/** http://hl7.org/fhir/R4/valueset-resource-validation-mode.html */
const modes = ['create', 'update', 'delete', 'profile'] as const;
type Mode = (typeof modes)[number];

const valid: Issue = {
  severity: 'information',
  code: 'informational',
  text: { zh: '未发现问题', en: 'No issues detected' },
};

/**
 * Says whether a resource would be accepted (http://hl7.org/fhir/R4/resource-operation-validate.html): "returns a 200 OK
 * whether or not the resource is valid. A 4xx or 5xx error means that the validation itself could not be performed".
 * Without a mode the content is checked, by the profiles that it claims and those given, and of a bundle of resources to
 * be written also what the guards would say of them; with `create`, `update` and
 * `delete` the guards are asked, too, and nothing is kept; `profile` checks what is stored.
 */
export const validate: Operation = {
  name: '$validate',
  definition: 'http://hl7.org/fhir/OperationDefinition/Resource-validate',
  on: { type: true, instance: true },
  affectsState: false,
  run: answer,
};

async function answer(request: OperationRequest, server: Server): Promise<OperationAnswer> {
  const mode = readMode(request);
  const profiles = readProfiles(request, server, mode);
  const issues = await findIssues(request, server, mode, profiles);
  return { status: 200, resource: operationOutcome(issues.length > 0 ? issues : [valid]) };
}

async function findIssues(
  request: OperationRequest,
  server: Server,
  mode: Mode | undefined,
  profiles: readonly string[],
): Promise<Issue[]> {
  const sent = sentResource(request);
  switch (mode) {
    case 'delete':
      return guardIssues(server, deletionOf(await stored(request)));
    case 'profile': {
      if (sent)
        throw invalid({
          zh: 'mode「profile」校验已存的资源,不要再发送资源',
          en: 'the mode "profile" checks a stored resource: send none',
        });
      const { text } = await stored(request);
      const resource = readJson(text);
      const { validator } = await knowingCodes(server, resource);
      return validator.validate(resource, profiles);
    }
    case 'update': {
      const resource = required(request, sent);
      const replaced = await request.store.read(request.type!, request.id!);
      const planned = { method: 'PUT', type: request.type!, id: request.id!, resource, replaced } as const;
      return contentIssues(server, resource, profiles, planned, idIssues(request, resource));
    }
    case 'create': {
      const resource = required(request, sent);
      const planned = {
        method: 'POST',
        type: request.type!,
        id: randomUUID(),
        resource,
        replaced: undefined,
      } as const;
      return contentIssues(server, resource, profiles, planned);
    }
    default:
      return [
        ...(await contentIssues(server, required(request, sent), profiles)),
        ...(await findingsWithin(server, sent)),
      ];
  }
}

/** The issues of the content, and, where it has no error, those of the guards about the change it would be. */
async function contentIssues(
  server: Server,
  resource: Resource,
  profiles: readonly string[],
  planned?: PlannedChange,
  beside: readonly Issue[] = [],
): Promise<Issue[]> {
  const issues = [...beside, ...server.validator.validate(resource, profiles)];
  return planned && !issues.some(isBreaking) ? [...issues, ...(await guardIssues(server, planned))] : issues;
}

/** What the guards would say of the entries of a bundle, were it sent: the same as when it is. */
async function findingsWithin(server: Server, sent: Resource | undefined): Promise<readonly Issue[]> {
  return sent && isToBeWritten(sent) ? (await dryRun(server, sent)).findings : [];
}

async function guardIssues(server: Server, planned: PlannedChange): Promise<Issue[]> {
  const { findings } = await judge(server, server.store, [planned], [], server.now());
  return findings.map(withoutChange);
}

function stored({ store, type, id }: OperationRequest) {
  return presentVersion(store, type!, id!);
}

function deletionOf(version: StoredVersion): PlannedChange {
  return { method: 'DELETE', type: version.type, id: version.id, resource: null, replaced: version };
}

function idIssues({ id }: OperationRequest, resource: Resource): readonly Issue[] {
  if (resource.id === id) return [];
  return (
    resource.id === undefined
      ? refuse(refusals.idMissing)
      : refuse(refusals.idMismatch, [sentValue(resource.id), id!])
  ).issues;
}

function readMode({ parameters, id }: OperationRequest): Mode | undefined {
  const stated = parameters.get('mode')?.[0];
  if (stated === undefined) return undefined;
  const mode = modes.find((known) => known === stated);
  if (!mode)
    throw invalid({
      zh: `mode 须为 ${modes.join('、')} 之一`,
      en: `mode must be one of ${modes.join(', ')}`,
    });
  if (mode !== 'create' && id === undefined)
    throw invalid({
      zh: `mode「${mode}」用于单个资源:请在 [type]/[id] 上调用 $validate`,
      en: `the mode "${mode}" is for one resource: call $validate on [type]/[id]`,
    });
  return mode;
}

/** "If a profile is nominated, and the server cannot validate against the nominated profile, it SHALL return an error". */
function readProfiles(
  { parameters }: OperationRequest,
  { validator }: Server,
  mode: Mode | undefined,
): string[] {
  const profiles = [...(parameters.get('profile') ?? [])];
  for (const url of profiles)
    if (!validator.knows(url)) throw refuse(refusals.unknownProfile, [url.slice(0, 200)]);
  if (mode === 'profile' && profiles.length === 0)
    throw invalid({ zh: 'mode「profile」须给出 profile', en: 'the mode "profile" needs a profile' });
  return profiles;
}

/** The resource to check: in the parameter `resource`, or the body itself (http://hl7.org/fhir/R4/operations.html#request). */
function sentResource({ body, type }: OperationRequest): Resource | undefined {
  if (body === undefined) return undefined;
  const parameters = Array.isArray(body.parameter) ? body.parameter.filter(isElement) : [];
  const isRequest =
    body.resourceType === 'Parameters' &&
    (type !== 'Parameters' || parameters.some(({ name }) => name === 'resource'));
  if (!isRequest) return body;
  const stated = parameters.filter(({ name }) => name === 'resource').map(({ resource }) => resource);
  if (stated.length > 1)
    throw invalid({
      zh: '参数「resource」只能给一次',
      en: 'the parameter "resource" can be given only once',
    });
  if (stated.length === 1 && !isResource(stated[0]))
    throw invalid({ zh: '参数「resource」须为资源', en: 'the parameter "resource" must hold a resource' });
  return stated[0] as Resource | undefined;
}

function required({ type }: OperationRequest, resource: Resource | undefined): Resource {
  if (!resource) throw invalid({ zh: '没有要校验的资源', en: 'there is no resource to validate' });
  if (resource.resourceType !== type)
    throw refuse(refusals.typeMismatch, [resource.resourceType.slice(0, 64), type!]);
  return resource;
}

function invalid(problem: Detail) {
  return refuse(refusals.invalidRequest, [problem]);
}
