import type { Text } from '../../fhir/outcome.ts';
import { Refusal, refusals, refuse } from '../../fhir/refusal.ts';

/** Why somebody is not let in, in both languages, as a client can mend it; nothing in it helps to guess. */
export const reasons = {
  missing: {
    zh: '请求没有带令牌或 API 密钥',
    en: 'the request carries neither a token nor an API key',
  },
  unreadable: {
    zh: 'Authorization 头须为 Bearer 令牌',
    en: 'the Authorization header must be "Bearer" and a token',
  },
  several: {
    zh: '只能用一种凭据',
    en: 'only one kind of credentials can be used',
  },
  invalidToken: { zh: '令牌无效', en: 'the token is not valid' },
  expiredToken: { zh: '令牌已过期', en: 'the token has expired' },
  wrongAudience: { zh: '令牌不是发给本服务器的', en: 'the token is not for this server' },
  invalidKey: { zh: 'API 密钥无效', en: 'the API key is not valid' },
  keysOff: { zh: '本服务器不接受 API 密钥', en: 'this server takes no API keys' },
  unknownClient: {
    zh: '客户端未登记或已停用',
    en: 'the client is not registered, or was revoked',
  },
  unknownPerson: {
    zh: '此人未登记或已停用',
    en: 'the person is not registered, or was revoked',
  },
} as const satisfies Record<string, Text>;

export type Reason = keyof typeof reasons;

/**
 * 401 with the challenge of RFC 6750: `error="invalid_token"` where a token was sent, no error where nothing was.
 */
export function refuseCredentials(reason: Reason): Refusal {
  const { status, issues } = refuse(refusals.unauthenticated, [reasons[reason]]);
  const error =
    reason === 'missing' ? '' : `, error="invalid_token", error_description="${reasons[reason].en}"`;
  const quoted = error.replace('"Bearer"', 'Bearer');
  return new Refusal(status, issues, { 'WWW-Authenticate': `Bearer realm="zhuanzhen"${quoted}` });
}

/** 403 with the challenge of RFC 6750 for what the scopes of a token do not permit, e.g. `create Patient`. */
export function refuseScope(what: string): Refusal {
  const { status, issues } = refuse(refusals.insufficientScope, [what]);
  return new Refusal(status, issues, {
    'WWW-Authenticate': 'Bearer realm="zhuanzhen", error="insufficient_scope"',
  });
}
