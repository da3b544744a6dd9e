import { refuseScope } from '../access/identity/refusals.ts';
import { permits } from '../access/identity/scopes.ts';
import { elements, extension } from '../fhir/elements.ts';
import type { Issue, Text } from '../fhir/outcome.ts';
import { Refusal, refusals, refuse } from '../fhir/refusal.ts';
import type { Element, Resource } from '../fhir/resource.ts';
import { parseSearch } from '../fhir/search/parse.ts';
import type { Actor } from '../interactions/actor.ts';
import type { Change, Finding, Guard, Verdict } from '../interactions/guard.ts';
import type { Reader } from '../store/store.ts';
import { hide } from './masking.ts';
import { problemsOf } from './problems.ts';
import type { Seal } from './secrets.ts';
import { writeSubscriber } from './subscriber.ts';
import { readSubscription } from './subscription.ts';
import type { Targets } from './targets.ts';
import { extensions } from './vocabulary.ts';
import { type WatchParts, watchesOf } from './watch.ts';

/** What the guard works with. */
export interface SubscriptionGuardParts extends WatchParts {
  seal: Seal;
  targets: Targets;
  /** So many subscriptions there may be that are not off. */
  most: number;
}

/**
 * The guard of Subscriptions: what the server cannot or may not do is refused with 422, and said; what it takes is
 * completed. Its status is the server's to say, but for `off`; secrets are sealed; and who has made it is kept with it,
 * as whom the server looks at what it tells.
 */
export function createSubscriptionGuard(parts: SubscriptionGuardParts): Guard {
  return async ({ changes, reader, actor }) => {
    const findings: Finding[] = [];
    const completed: NonNullable<Verdict['completed']>[number][] = [];
    let status: number | undefined;
    for (const [index, change] of changes.entries()) {
      if (change.type !== 'Subscription' || !change.resource) continue;
      try {
        mayAsk(change.resource, actor, parts);
        const problems = await allProblems(change, reader, parts);
        findings.push(...problems.map((issue) => ({ ...issue, change: index })));
        if (problems.length === 0)
          completed.push({ change: index, resource: complete(change, actor, parts.seal) });
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        // What the criteria are refused with is said as of a search: 400, or 403 of who may not search so.
        status ??= error.status;
        findings.push(
          ...error.issues.map((issue) => ({
            expression: ['Subscription.criteria'],
            ...issue,
            change: index,
          })),
        );
      }
    }
    return { findings, completed, keep: [], ...(status !== undefined && { status }) };
  };
}

/** Who has come in is told as of an organization, and of nothing that the scopes do not let them find. Refuses with 403. */
function mayAsk(resource: Resource, actor: Actor | undefined, parts: WatchParts): void {
  if (!actor || actor.isSystem || (actor.client === undefined && actor.person === undefined)) return;
  if (actor.organization === undefined) throw refuse(refusals.notYours, ['Subscription']);
  for (const { type } of watchesOf(readSubscription(resource), parts))
    if (permits(actor.scopes, 'search-type', type) === 'none') throw refuseScope(`${type} search-type`);
}

async function allProblems(
  { resource, previous }: Change,
  reader: Reader,
  parts: SubscriptionGuardParts,
): Promise<Issue[]> {
  const problems = problemsOf(resource!, parts.targets);
  if (problems.length > 0) return problems;
  watchesOf(readSubscription(resource!), parts);
  const secrets = hide(resource!, previous, parts.seal);
  if ('problem' in secrets) return [issueOf('Subscription.channel', secrets.problem)];
  const counted = parseSearch(parts.searching, 'Subscription', [['status', 'requested,active,error']]);
  const isMore = resource!.status !== 'off' && (!previous || previous.status === 'off');
  return isMore && (await reader.count('Subscription', counted.filter)) >= parts.most
    ? [
        issueOf('Subscription', {
          zh: `服务器至多 ${parts.most} 个订阅(设置 MAX_SUBSCRIPTIONS)`,
          en: `the server takes ${parts.most} subscriptions at most (setting MAX_SUBSCRIPTIONS)`,
        }),
      ]
    : [];
}

/** A Subscription as it is kept. */
function complete({ resource, previous }: Change, actor: Actor | undefined, seal: Seal): Resource {
  const hidden = hide(resource!, previous, seal);
  if ('problem' in hidden) return resource!;
  const { error: _, ...kept } = hidden.resource;
  const subscriber = subscriberOf(previous, actor);
  const others = elements(kept, 'extension').filter(({ url }) => url !== extensions.subscriber);
  const extended = subscriber ? [...others, subscriber] : others;
  const { extension: __, ...rest } = kept;
  const isSame = previous !== null && isSameRequest(previous, hidden);
  return {
    ...rest,
    resourceType: 'Subscription',
    ...(extended.length > 0 && { extension: extended }),
    status: nextStatus(resource!, previous, isSame),
    ...(isSame &&
      resource!.status !== 'requested' &&
      previous?.error !== undefined && { error: previous.error }),
  };
}

/** Who changes a subscription is who is told; the server itself, and who is nobody, leave it to whom it was. */
function subscriberOf(previous: Resource | null, actor: Actor | undefined): Element | undefined {
  if (!actor || actor.isSystem) return extension(previous, extensions.subscriber);
  return writeSubscriber(actor);
}

/** A client asks for a subscription, or turns it off; what it has read and sends back as it was changes nothing. */
function nextStatus(sent: Resource, previous: Resource | null, isSame: boolean): unknown {
  if (sent.status === 'off') return 'off';
  return isSame && sent.status === previous?.status ? sent.status : 'requested';
}

/** Whether a version asks for the same as the one before. */
function isSameRequest(
  previous: Resource,
  { resource, isSame }: { resource: Resource; isSame: boolean },
): boolean {
  const asked = (of: Resource) => {
    const [channel] = elements(of, 'channel');
    const extended = elements(channel, 'extension').filter(({ url }) => url !== extensions.sealed);
    return JSON.stringify([of.criteria, of._criteria, of.end, { ...channel, extension: extended }]);
  };
  return isSame && asked(previous) === asked(resource);
}

function issueOf(place: string, text: Text): Issue {
  return { severity: 'error', code: 'business-rule', text, expression: [place] };
}
