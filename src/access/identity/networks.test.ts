import { expect, test } from '@jest/globals';
import { createNetworks, parseNetwork } from './networks.ts';

test.each([
  ['10.20.0.0/16', '10.20.255.1', true],
  ['10.20.0.0/16', '10.21.0.1', false],
  ['10.20.0.0/16', '::ffff:10.20.0.1', true],
  ['10.20.3.4', '10.20.3.4', true],
  ['10.20.3.4', '10.20.3.5', false],
  ['2001:db8::/32', '2001:db8:1::1', true],
  ['2001:db8::/32', '10.20.3.4', false],
  ['10.20.0.0/16', 'not an address', false],
  ['10.20.0.0/16', undefined, false],
])('in the network %s is %s: %s', (network, address, is) => {
  expect(createNetworks([network])(address)).toBe(is);
});

test.each(['10.20.0.0/33', '10.20/16', '10.20.0.0/', '10.20.0.0/a', '2001:db8::/129', '', '10.0.0.0/8/8'])(
  '"%s" is no network',
  (text) => {
    expect(parseNetwork(text)).toBeUndefined();
  },
);
