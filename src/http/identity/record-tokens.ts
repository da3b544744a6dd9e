import type { Request } from 'express';
import type { default as Provider } from 'oidc-provider';
import type { Authenticating } from '../../access/audit/authentications.ts';

/**
 * Has each request for a token recorded before it is answered, also one that is refused. Where that cannot be, no token is
 * given.
 */
export function recordTokens(provider: Provider, record: (event: Authenticating) => Promise<void>): void {
  provider.use(async (ctx, next) => {
    await next();
    if (ctx.oidc?.route !== 'token') return;
    const { client, entities, params } = ctx.oidc;
    const account = entities.Account?.accountId;
    const grant = params?.grant_type;
    try {
      await record({
        did: 'get-token',
        client: client?.clientId,
        person: account === undefined ? undefined : `Practitioner/${account}`,
        status: ctx.status,
        from: (ctx.req as Request).ip,
        by: typeof grant === 'string' ? grant.slice(0, 60) : undefined,
      });
    } catch {
      ctx.status = 503;
      ctx.body = { error: 'temporarily_unavailable', error_description: 'accesses cannot be recorded' };
    }
  });
}
