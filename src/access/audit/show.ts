import { Refusal, refusals, refuse } from '../../fhir/refusal.ts';
import { or, type Query } from '../../fhir/search/query.ts';
import type { Allowance, Reader, Store, Transaction } from '../../store/store.ts';
import { type AuditContext, countAudit, readAudit, searchAudit } from './search.ts';

const auditEvent = 'AuditEvent';

/** So many resources at most may a chain lead to, or from. */
const mostChained = 1_000;

/**
 * Shows the log as resources of the type AuditEvent beside what is stored. They are read, searched, included and chained
 * to like all others. Whoever tries to write one is refused here, below all interactions, so that none can forget it.
 *
 * @param flushed resolves once all accesses until now can be found
 */
export function showAudit(store: Store, context: AuditContext, flushed: () => Promise<void>): Store {
  return {
    ...store,
    ...showing(store, context, flushed),
    write: (work) =>
      store.write((transaction) =>
        work({ ...transaction, ...showing(transaction, context, flushed), ...readOnly(transaction) }),
      ),
  };
}

function readingOnly(): Refusal {
  const { status, issues } = refuse(refusals.auditReadOnly);
  return new Refusal(status, issues, { Allow: 'GET, HEAD' });
}

function readOnly(transaction: Transaction): Pick<Transaction, 'put' | 'amend' | 'reindex'> {
  const refuseAudit = ({ type }: { type: string }) => {
    if (type === auditEvent) throw readingOnly();
  };
  return {
    put: async (next, replaced) => {
      refuseAudit(next);
      return transaction.put(next, replaced);
    },
    amend: async (version) => {
      refuseAudit(version);
      return transaction.amend(version);
    },
    reindex: async (type, id, version, entries) => {
      refuseAudit({ type });
      return transaction.reindex(type, id, version, entries);
    },
  };
}

function showing(reader: Reader, context: AuditContext, flushed: () => Promise<void>): Reader {
  /** The query with what leads from or to AuditEvents answered: the engines know nothing of them. */
  async function resolved(type: string, query: Query, allowance?: Allowance): Promise<Query> {
    if (!touches(type, query)) return query;
    switch (query.kind) {
      case 'and':
        return {
          kind: 'and',
          of: await Promise.all(query.of.map((each) => resolved(type, each, allowance))),
        };
      case 'or':
        return { kind: 'or', of: await Promise.all(query.of.map((each) => resolved(type, each, allowance))) };
      case 'not':
        return { kind: 'not', of: await resolved(type, query.of, allowance) };
      case 'chain': {
        const { name, target, filter } = query;
        const ids = (await all(target, filter, allowance)).map(({ version }) => version.id);
        return or(ids.map((id) => ({ kind: 'term', term: `${name}|>${target}/${id}` })));
      }
      case 'has': {
        const { source, name, filter } = query;
        const prefix = `${name}|>${type}/`;
        const terms = (await all(source, filter, allowance)).flatMap((match) => match.terms);
        const ids = terms.filter((term) => term.startsWith(prefix)).map((term) => term.slice(prefix.length));
        return { kind: 'id', ids: [...new Set(ids)] };
      }
      default:
        return query;
    }
  }

  /** All that match, which must not be too many to be named. */
  async function all(type: string, filter: Query, allowance?: Allowance) {
    const found = await shown.search({ type, filter, sort: [], limit: mostChained + 1 }, allowance);
    if (found.length > mostChained)
      throw refuse(refusals.tooCostly, [`> ${mostChained} ${type}; AuditEvent`]);
    return found;
  }

  const shown: Reader = {
    read: async (type, id) => {
      if (type !== auditEvent) return reader.read(type, id);
      await flushed();
      return readAudit(context, id);
    },
    readVersion: async (type, id, version) => {
      if (type !== auditEvent) return reader.readVersion(type, id, version);
      await flushed();
      return version === 1 ? readAudit(context, id) : undefined;
    },
    history: async (request, allowance) => {
      if (request.types?.includes(auditEvent)) throw readingOnly();
      return reader.history(request, allowance);
    },
    search: async (request, allowance) => {
      const { type, filter } = request;
      const asked = { ...request, filter: await resolved(type, filter, allowance) };
      if (type !== auditEvent) return reader.search(asked, allowance);
      await flushed();
      return searchAudit(context, asked, allowance);
    },
    count: async (type, filter, allowance) => {
      const asked = await resolved(type, filter, allowance);
      if (type !== auditEvent) return reader.count(type, asked, allowance);
      await flushed();
      return countAudit(context, asked, allowance);
    },
  };
  return shown;
}

/** Whether a query of a type follows references from AuditEvents, or to them, at any depth. */
function touches(type: string, query: Query): boolean {
  switch (query.kind) {
    case 'and':
    case 'or':
      return query.of.some((each) => touches(type, each));
    case 'not':
      return touches(type, query.of);
    case 'chain':
      return type === auditEvent || query.target === auditEvent || touches(query.target, query.filter);
    case 'has':
      return type === auditEvent || query.source === auditEvent || touches(query.source, query.filter);
    default:
      return false;
  }
}
