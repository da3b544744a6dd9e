import { expect, test } from '@jest/globals';
import type { Resource } from '../fhir/resource.ts';
import { hide } from './masking.ts';
import { createSeal } from './secrets.ts';
import { keyOf, signatureHeaders } from './signature.ts';
import { extensions } from './vocabulary.ts';

const key = Buffer.alloc(32, 1).toString('base64url');
const seal = createSeal(key);

const subscription = (header: string[], secret?: string): Resource => ({
  resourceType: 'Subscription',
  channel: {
    type: 'rest-hook',
    header,
    ...(secret !== undefined && { extension: [{ url: extensions.secret, valueString: secret }] }),
  },
});

test('what is sealed is opened with the same key alone, and not when it was changed', () => {
  const sealed = seal.seal({ headers: ['A: b'], secret: 'c' });
  expect(sealed).not.toBe(seal.seal({ headers: ['A: b'], secret: 'c' }));
  expect(seal.open(sealed)).toEqual({ headers: ['A: b'], secret: 'c' });
  expect(createSeal(Buffer.alloc(32, 2).toString('base64url')).open(sealed)).toBeUndefined();
  expect(seal.open(`AAAA${sealed.slice(4)}`)).toBeUndefined();
});

test('nothing secret is left in a subscription, and what is sent back as a mask stays', () => {
  const first = hide(subscription(['Authorization: Bearer x', 'X-A: b'], 'my secret'), null, seal);
  if ('problem' in first) throw new Error(first.problem.en);
  expect(JSON.stringify(first.resource)).not.toMatch(/Bearer|my secret/);
  const again = hide(first.resource, first.resource, seal);
  expect(again).toEqual({ isSame: true, resource: first.resource });

  const other = hide(subscription(['Authorization: ***', 'X-A: c']), first.resource, seal);
  if ('problem' in other) throw new Error(other.problem.en);
  expect(other.isSame).toBe(false);
  const { extension } = other.resource.channel as { extension: { valueBase64Binary: string }[] };
  expect(seal.open(extension[0]!.valueBase64Binary)).toEqual({
    headers: ['Authorization: Bearer x', 'X-A: c'],
  });
});

test('the signature is that of Standard Webhooks', () => {
  // The example of https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
  const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
  const body = '{"test": 2432232314}';
  const signed = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', timestamp: 1_614_265_330, body };
  expect(signatureHeaders(secret, signed)).toEqual({
    'webhook-id': signed.id,
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  });
  expect(keyOf('plain').toString()).toBe('plain');
});
