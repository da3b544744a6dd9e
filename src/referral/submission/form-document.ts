import { randomUUID } from 'node:crypto';
import { codesOf, elements, string } from '../../fhir/elements.ts';
import { type Issue, isBreaking, isError } from '../../fhir/outcome.ts';
import { refuse } from '../../fhir/refusal.ts';
import { isElement, isResource, type Resource } from '../../fhir/resource.ts';
import type { Answer } from '../../interactions/answer.ts';
import { findMatch, readCondition } from '../../interactions/condition.ts';
import type { Filing } from '../../interactions/filing.ts';
import type { Request } from '../../interactions/request.ts';
import type { Server } from '../../interactions/server.ts';
import { write } from '../../interactions/write.ts';
import { claimConditions } from '../../interactions/write-entries.ts';
import type { StoredVersion, Transaction } from '../../store/store.ts';
import { directionOf, isReferral } from '../recognise.ts';
import { pathOf } from '../reference.ts';
import { codeSystems, paperProfiles } from '../vocabulary.ts';
import { digestOf } from './digest.ts';
import { fileResources, numberConditions, recordOf } from './file-resources.ts';
import { tokenOf } from './numbers.ts';
import { outcomesOf } from './outcomes.ts';
import { submissionRefusals } from './refusals.ts';
import { notesOn, type Sent, sentIn } from './sent.ts';
import { taskOf } from './task-of.ts';

/**
 * A document of a national form (双向转诊单) that brings its referral: a Bundle that begins with the Composition of the
 * form. Created as a Bundle, it is kept as it was sent, to the last byte of its entries, and the referral that it is
 * the form of is filed as if it had been sent as a transaction; neither without the other.
 */
export const formDocument: Filing = {
  type: 'Bundle',
  profiles: Object.values(paperProfiles),
  concerns,
  file,
};

/**
 * A form by which a patient goes elsewhere: the one out (转出单), and the one back (回转单) where it brings the
 * down-referral. One back that only tells what came of a referral is feedback, and a resource like any other.
 */
function concerns(bundle: Resource): boolean {
  if (bundle.type !== 'document' || !Array.isArray(bundle.entry)) return false;
  const [composition, ...others] = resourcesIn(bundle);
  if (composition?.resourceType !== 'Composition') return false;
  const [form] = codesOf(composition, 'type', codeSystems.referralForm);
  if (form !== 'transfer-out-form' && form !== 'transfer-back-form') return false;
  return others.some(
    (each) =>
      each.resourceType === 'ServiceRequest' &&
      isReferral(each) &&
      (form === 'transfer-out-form' || directionOf(each) === 'down'),
  );
}

function resourcesIn(bundle: Resource): Resource[] {
  return elements(bundle, 'entry').flatMap(({ resource }) => (isResource(resource) ? [resource] : []));
}

async function file(server: Server, request: Request, bundle: Resource): Promise<Answer> {
  const sent = sentIn(bundle);
  const noted = notesOn(server, bundle, sent);
  const claimed = server.validator.validateClaimed(bundle);
  const own = conditionOf(server, request, bundle);
  return server.store.write(async (tx): Promise<Answer> => {
    await claimConditions(tx, [...numberConditions(server, sent), ...(own ? [{ condition: own }] : [])]);
    const known = own && (await findMatch(tx, own));
    if (known) return { status: 200, version: sameAs(known, bundle), ...(await naming(server, tx, known)) };

    const filed = await fileResources(server, tx, await withoutForeign(server, tx, sent), noted);
    const [kept] = await write(
      server,
      tx,
      [{ method: 'POST', type: 'Bundle', id: randomUUID(), resource: bundle, replaced: undefined }],
      { noted: claimed, isBroken: claimed.some(isBreaking) },
    );
    const referral = sent.find(({ resource }) => isReferral(resource))!;
    const target = filed.targets.get(referral.index)!;
    const task = await taskOf(tx, target);
    const about = [pathOf(target), ...(task ? [pathOf(task)] : [])];
    const warnings = [...filed.answers.values()].flatMap((answer) => answer.issues ?? []);
    const answer: Answer = {
      status: 201,
      version: kept!.version,
      created: true,
      issues: [
        filedAs(about),
        ...[...claimed, ...warnings, ...kept!.issues].filter((each) => !isError(each)),
      ],
      headers: linksTo(server, about),
    };
    const asked = { ...request, interaction: 'create' } as const;
    return { ...answer, ...(server.trail && { entries: [...outcomesOf(filed), { asked, answer }] }) };
  });
}

/** A document is known by its identifier, which no other ever has, unless the request has a condition of its own. */
function conditionOf(server: Server, { ifNoneExist }: Request, bundle: Resource) {
  if (ifNoneExist !== undefined) return readCondition(server, 'Bundle', ifNoneExist);
  const [identifier] = elements(bundle, 'identifier');
  return identifier?.value === undefined
    ? undefined
    : readCondition(server, 'Bundle', [['identifier', tokenOf(identifier)]]);
}

/** The document on record; refuses with 409 another content under its identifier. */
function sameAs(known: StoredVersion, bundle: Resource): StoredVersion {
  const { entry } = JSON.parse(known.text!) as Resource;
  if (digestOf(entry) !== digestOf(bundle.entry))
    throw refuse(submissionRefusals.otherDocument, [pathOf(known)], ['Bundle.identifier']);
  return known;
}

/**
 * The resources without Tasks that were under way elsewhere: here the referral begins, with a Task that the server makes.
 */
async function withoutForeign(server: Server, tx: Transaction, sent: readonly Sent[]): Promise<Sent[]> {
  const kept: Sent[] = [];
  for (const each of sent) {
    const { resourceType, status } = each.resource;
    if (resourceType !== 'Task' || status === 'requested' || (await recordOf(server, tx, each)))
      kept.push(each);
  }
  const left = new Set(sent.filter((each) => !kept.includes(each)).map(({ fullUrl }) => fullUrl));
  return left.size === 0
    ? kept
    : kept.map((each) => ({ ...each, resource: withoutLinks(each.resource, left) }));
}

/** A Composition whose event names a Task that is left out names the rest. */
function withoutLinks(resource: Resource, left: ReadonlySet<string>): Resource {
  if (resource.resourceType !== 'Composition') return resource;
  const event = elements(resource, 'event').map(({ detail, ...others }) => ({
    ...others,
    detail: (Array.isArray(detail) ? detail : []).filter(
      (each) => !(isElement(each) && left.has(string(each, 'reference') ?? '')),
    ),
  }));
  return { ...resource, event };
}

/** What a document that was sent again was filed as. */
async function naming(
  server: Server,
  tx: Transaction,
  known: StoredVersion,
): Promise<Pick<Answer, 'issues' | 'headers'>> {
  const bundle = JSON.parse(known.text!) as Resource;
  const referral = resourcesIn(bundle).find(
    (each) => each.resourceType === 'ServiceRequest' && isReferral(each),
  );
  const numbers = elements(referral, 'identifier').map(tokenOf);
  const condition =
    numbers[0] === undefined
      ? undefined
      : readCondition(server, 'ServiceRequest', [['identifier', numbers[0]]]);
  const match = condition && (await findMatch(tx, condition));
  if (!match) return {};
  const task = await taskOf(tx, match);
  const about = [pathOf(match), ...(task ? [pathOf(task)] : [])];
  return { issues: [filedAs(about)], headers: linksTo(server, about) };
}

function filedAs(paths: readonly string[]): Issue {
  const named = paths.join(', ');
  return {
    severity: 'information',
    code: 'informational',
    text: { zh: `转诊已登记:${named}`, en: `The referral was filed: ${named}` },
    diagnostics: named,
  };
}

/** The referral and its Task, for who is answered with the document (RFC 8288). */
function linksTo({ base }: Server, paths: readonly string[]): Record<string, string> {
  return { Link: paths.map((path) => `<${base}/${path}>; rel="related"`).join(', ') };
}
