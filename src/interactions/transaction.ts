import type { Issue } from '../fhir/outcome.ts';
import type { Resource } from '../fhir/resource.ts';
import type { Store, Transaction } from '../store/store.ts';
import type { Answer, Piece } from './answer.ts';
import { createAnswerBound } from './answer-bound.ts';
import type { Asked, EntryOutcome } from './audited.ts';
import type { Router } from './batch.ts';
import { responseBundle, responseEntry } from './bundle-response.ts';
import type { EntryRequest } from './entry-request.ts';
import { atEntry } from './located.ts';
import type { Preferences } from './request.ts';
import type { Server } from './server.ts';
import { readTransaction } from './transaction-entries.ts';
import { claimConditions, writeEntries } from './write-entries.ts';

/**
 * Runs a transaction Bundle: all of it is kept or nothing (http://hl7.org/fhir/R4/http.html#transaction). What is
 * refused says in which entry, and everything that validation finds is told at once.
 */
export async function transaction(
  server: Server,
  bundle: Resource,
  entries: readonly unknown[],
  prefer: Preferences,
  router: Router,
  noted: ReadonlyMap<number, Issue> = new Map(),
): Promise<Answer> {
  const { broken, notes, requests, writing } = await readTransaction(
    server,
    bundle,
    entries,
    prefer,
    router,
    noted,
  );

  return server.store.write(async (tx): Promise<Answer> => {
    await claimConditions(tx, writing);
    const { answers } = await writeEntries(server, tx, writing, { broken, notes });
    const responses: Piece[] = [];
    const outcomes: EntryOutcome[] = [];
    const bound = createAnswerBound(server.limits.maxAnswerBytes, server.share);
    for (const [index, request] of requests.entries()) {
      const answer =
        answers.get(index) ?? (await atEntry(index, () => runWithin(server, tx, request, router)));
      responses.push(bound.take(responseEntry(server.base, request, prefer, answer)));
      if (server.trail) outcomes.push({ asked: askedBy(request, router), answer });
      await bound.giveWay();
    }
    return {
      ...responseBundle('transaction-response', responses),
      ...(server.trail && { entries: outcomes }),
    };
  });
}

/** Runs an entry that reads, or an operation: it sees what the transaction has written, and what it writes is part of it. */
function runWithin(
  server: Server,
  tx: Transaction,
  { method, address, rest }: EntryRequest,
  router: Router,
): Promise<Answer> {
  const matched = router(method, address.segments);
  const request = { method, query: address.query, ...matched.address, ...rest };
  const store: Store = { ...server.store, ...tx, write: (work) => work(tx) };
  // It is recorded with the whole transaction, once that is kept.
  const { trail: _, ...unrecorded } = server;
  return matched.route.run({ ...unrecorded, store }, request);
}

function askedBy({ method, address: { segments, query }, rest }: EntryRequest, router: Router): Asked {
  const { route, address } = router(method, segments);
  return { ...rest, ...address, method, query, interaction: route.interaction };
}
