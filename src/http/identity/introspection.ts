import express, { type Request, type RequestHandler, type Response, Router } from 'express';
import { decodeJwt } from 'jose';
import type { Authentication } from '../../access/identity/authenticate.ts';
import { Refusal } from '../../fhir/refusal.ts';
import type { Authenticate } from '../app.ts';

/** What introspection works with. */
export interface IntrospectionParts {
  /** Says who asks, as for any other request. */
  authenticate: Authenticate;
  /** Proves the token that is asked about. */
  tokens: Pick<Authentication, 'authenticate'>;
}

/**
 * Token introspection (RFC 7662, https://hl7.org/fhir/smart-app-launch/token-introspection.html): whether an access token
 * would be taken at this moment, and what it says. Who asks shows a token or API key of their own; of a token that is
 * none, has ended or was revoked, nobody is told more than that it is not active.
 */
export function createIntrospection({ authenticate, tokens }: IntrospectionParts): RequestHandler {
  const router = Router();
  router.post(
    '/token/introspection',
    express.urlencoded({ extended: false, limit: '32kb', parameterLimit: 10 }),
    async (message: Request, response: Response) => {
      try {
        await authenticate(message);
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        // Who must say for whom they act has come in all the same.
        if (error.status !== 400) {
          response.status(error.status).set(error.headers);
          response.json({ error: 'invalid_client', error_description: error.issues[0]?.text.en });
          return;
        }
      }
      const { token } = message.body as { token?: unknown };
      if (typeof token !== 'string' || token === '') {
        response.status(400).json({ error: 'invalid_request', error_description: 'token is missing' });
        return;
      }
      response.json((await isActive(token, message.ip)) ? described(token) : { active: false });
    },
  );

  async function isActive(token: string, address: string | undefined): Promise<boolean> {
    try {
      await tokens.authenticate({ headers: { authorization: `Bearer ${token}` }, address });
      return true;
    } catch (error) {
      if (!(error instanceof Refusal) || error.status >= 500) throw error;
      // It stands for a person with several posts, of which none is chosen here.
      return error.status === 400;
    }
  }
  return router;
}

/** What a token says that was proved. */
function described(token: string): object {
  const { scope, client_id, sub, exp, iat, iss, aud, fhirUser } = decodeJwt(token);
  return { active: true, token_type: 'Bearer', ...{ scope, client_id, sub, exp, iat, iss, aud, fhirUser } };
}
