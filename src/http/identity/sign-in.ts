import express, { type Request, type Response, Router } from 'express';
import type { Interaction, default as Provider } from 'oidc-provider';
import type { Authenticating } from '../../access/audit/authentications.ts';
import type { Accounts } from '../../access/identity/accounts.ts';
import type { RelyingParty } from '../../access/identity/issuer/relying-party.ts';
import type { PasswordAttempts } from '../../access/identity/password-attempts.ts';
import { errorPage, pageHeaders, type SignIn, signInPage } from './page.ts';

/** What signing in works with. */
export interface SignInParts {
  provider: Provider;
  accounts: Accounts;
  /** Where people sign in instead of here. */
  elsewhere: RelyingParty | undefined;
  /** A bound on wrong passwords. */
  passwords: PasswordAttempts;
  /** Records who signs in, and who does not; undefined where accesses are not recorded. */
  record: ((event: Authenticating) => Promise<void>) | undefined;
  /** The audience of all access tokens. */
  base: string;
}

const wrong = '用户名或密码不正确 / The user name or the password is not right';
const unknown =
  '此人未在本平台登记,或登录未成功 / The person is not registered here, or the sign-in did not succeed';
const tooMany = (seconds: number) =>
  `尝试次数过多,请于 ${Math.ceil(seconds / 60)} 分钟后再试 / Too many attempts; try again in ${Math.ceil(seconds / 60)} minutes`;

/**
 * The page at which people sign in, and agree to what the app asks. A password is looked at only while few were wrong.
 */
export function createSignIn(parts: SignInParts): Router {
  const { provider, accounts, elsewhere, passwords, record, base } = parts;
  const router = Router();

  async function interaction(message: Request, response: Response): Promise<Interaction | undefined> {
    try {
      return await provider.interactionDetails(message, response);
    } catch {
      response.status(400).set(pageHeaders());
      response.send(errorPage('登录已过期 / The sign-in has expired', undefined));
      return undefined;
    }
  }

  async function show(response: Response, { params, session }: Interaction, more: Partial<SignIn> = {}) {
    const client = await provider.Client.find(String(params.client_id));
    const target = URL.parse(String(params.redirect_uri));
    const isWeb = target?.protocol === 'https:' || target?.protocol === 'http:';
    const back = target ? [isWeb ? target.origin : target.protocol] : [];
    response.set(pageHeaders(elsewhere ? [...back, await elsewhere.origin()] : back));
    response.send(
      signInPage({
        app: client?.clientName ?? String(params.client_id),
        scopes: String(params.scope ?? '').split(' '),
        person: session?.accountId,
        isElsewhere: elsewhere !== undefined,
        ...more,
      }),
    );
  }

  /** The person whom name and password prove; else why not. */
  async function prove(message: Request): Promise<{ person: string } | { alert: string; status: number }> {
    const { name = '', password = '' } = message.body as { name?: string; password?: string };
    const attempt = { name: String(name), address: message.ip ?? '' };
    const wait = await passwords.begin(attempt);
    if (wait > 0) return { alert: tooMany(wait / 1000), status: 429 };
    const person = await accounts.check(attempt.name, String(password));
    if (person === undefined) return { alert: wrong, status: 401 };
    await passwords.succeeded(attempt);
    return { person };
  }

  async function grantFor({ params, grantId }: Interaction, accountId: string): Promise<string> {
    const known = grantId ? await provider.Grant.find(grantId) : undefined;
    const clientId = String(params.client_id);
    const grant = known?.accountId === accountId ? known : new provider.Grant({ accountId, clientId });
    grant.addOIDCScope(String(params.scope ?? ''));
    grant.addResourceScope(base, String(params.scope ?? ''));
    return grant.save();
  }

  /** Waited for before anybody is let in. */
  async function note(message: Request, { params }: Interaction, status: number, person?: string) {
    const registered = await provider.Client.find(String(params.client_id));
    await record?.({ did: 'sign-in', client: registered?.clientId, person, status, from: message.ip });
  }

  async function finish(message: Request, response: Response, details: Interaction, accountId: string) {
    await provider.interactionFinished(message, response, {
      login: { accountId },
      consent: { grantId: await grantFor(details, accountId) },
    });
  }

  router.get('/:uid', async (message, response) => {
    const details = await interaction(message, response);
    if (details) await show(response, details);
  });

  router.post(
    '/:uid',
    express.urlencoded({ extended: false, limit: '4kb', parameterLimit: 10 }),
    async (message, response) => {
      const details = await interaction(message, response);
      if (!details) return;
      const body = message.body as { refuse?: string; name?: string };
      if (body.refuse) {
        await provider.interactionFinished(message, response, {
          error: 'access_denied',
          error_description: 'the person refused',
        });
        return;
      }
      let accountId = details.session?.accountId;
      if (accountId === undefined || details.prompt.name === 'login') {
        if (elsewhere) {
          response.redirect(303, (await elsewhere.begin(details.uid)).href);
          return;
        }
        const proved = await prove(message);
        if ('alert' in proved) {
          await note(message, details, proved.status);
          response.status(proved.status);
          await show(response, details, { person: undefined, alert: proved.alert, name: body.name });
          return;
        }
        await note(message, details, 200, proved.person);
        accountId = proved.person.replace('Practitioner/', '');
      }
      await finish(message, response, details, accountId);
    },
  );

  if (elsewhere)
    router.get('/:uid/signed-in', async (message, response) => {
      const details = await interaction(message, response);
      if (!details) return;
      const query = new URL(message.url, base).searchParams;
      const person = await elsewhere.complete(details.uid, query);
      await note(message, details, person === undefined ? 401 : 200, person);
      if (person === undefined) {
        response.status(401);
        await show(response, details, { person: undefined, alert: unknown });
        return;
      }
      await finish(message, response, details, person.replace('Practitioner/', ''));
    });
  return router;
}
