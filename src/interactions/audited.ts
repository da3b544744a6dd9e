import { Refusal } from '../fhir/refusal.ts';
import type { StoredVersion } from '../store/store.ts';
import type { Answer, StreamedPiece } from './answer.ts';
import type { Request } from './request.ts';
import type { InteractionCode, Route } from './route.ts';
import type { Server } from './server.ts';

/** What an interaction was asked, as far as a record of it needs it. */
export type Asked = Pick<
  Request,
  'method' | 'url' | 'type' | 'id' | 'versionId' | 'operation' | 'compartmentType' | 'body'
> & { query: Request['query']; interaction: Accessed };

/** What an access can be: an interaction, or what is none but is recorded like them. */
export type Accessed =
  | InteractionCode
  | 'unknown'
  /** Somebody asked for a token. */
  | 'get-token'
  /** Somebody signed in. */
  | 'sign-in'
  /** The server did by itself what was due. */
  | 'job'
  /** Nobody asked at this moment, a subscriber is told. */
  | 'notification';

/** One entry of a transaction, as it was kept. */
export interface EntryOutcome {
  asked: Asked;
  answer: Answer;
}

/** Keeps a record of what one request asks and is answered. Where it cannot, it refuses: nothing goes unrecorded. */
export interface Trail {
  /** Resolves when there is room for a record. Throws `refusals.auditUnavailable` when none can be kept. */
  open(): Promise<void>;
  /** Resolves once the record is kept; only then may the answer leave. Throws like `open`. */
  answered(asked: Asked, answer: Answer): Promise<void>;
  refused(asked: Asked, status: number): Promise<void>;
}

/** They say nothing of anybody: what the server can do, and how far a request is that was recorded when it ran. */
const unrecorded: ReadonlySet<InteractionCode> = new Set(['capabilities', 'async-status']);

/**
 * The same routes, each of which tells the trail of its request what it has answered or refused. It is here, and not
 * where requests come in, so that an entry of a batch and what is answered later are recorded as any other.
 */
export function audited(routes: readonly Route[]): Route[] {
  return routes.map((route) =>
    unrecorded.has(route.interaction)
      ? route
      : {
          ...route,
          run: (server, request) =>
            server.trail ? follow(server.trail, route, server, request) : route.run(server, request),
        },
  );
}

async function follow(trail: Trail, route: Route, server: Server, request: Request): Promise<Answer> {
  const asked: Asked = { ...request, interaction: interactionOf(route, request) };
  await trail.open();
  let answer: Answer;
  try {
    answer = await route.run(server, request);
  } catch (error) {
    await trail.refused(asked, error instanceof Refusal ? error.status : 500);
    throw error;
  }
  if (answer.entries) for (const entry of answer.entries) await trail.answered(entry.asked, entry.answer);
  // An operation is told of beside its entries. Those of a batch are run by routes of their own, which tell of them.
  if (answer.entries ? asked.interaction === 'operation' : asked.interaction !== 'batch')
    await trail.answered(asked, answer);
  return answer.stream
    ? { ...answer, stream: { ...answer.stream, pieces: told(trail, asked, answer) } }
    : answer;
}

/** The pieces of an answer that is sent as it is made: what each is about is on record before it leaves. */
async function* told(
  trail: Trail,
  asked: Asked,
  { status, stream }: Answer,
): AsyncGenerator<StreamedPiece, undefined> {
  for await (const piece of stream!.pieces) {
    if (piece.about?.length) await trail.answered(asked, { status, about: piece.about });
    yield piece;
  }
}

/** Transactions and batches share their address. */
function interactionOf({ interaction }: Route, { body }: Request): InteractionCode {
  return interaction === 'transaction' && (body as { type?: unknown } | undefined)?.type === 'batch'
    ? 'batch'
    : interaction;
}

/** The texts of what an answer is about where it does not show them whole. */
export function textsOf(versions: readonly Pick<StoredVersion, 'text'>[]): string[] {
  return versions.flatMap(({ text }) => text ?? []);
}
