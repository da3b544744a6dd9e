import { describe, expect, test } from '@jest/globals';
import { createTargets, RefusedTarget } from './targets.ts';

const strict = createTargets({ networks: [], http: false });

describe('a target', () => {
  test.each([
    'https://127.0.0.1/hook',
    'https://[::1]/hook',
    'https://10.1.2.3/hook',
    'https://172.31.0.1/hook',
    'https://192.168.0.10/hook',
    'https://169.254.169.254/latest/meta-data',
    'https://100.64.0.1/hook',
    'https://0.0.0.0/hook',
    'https://[fd00::1]/hook',
    'https://[fe80::1]/hook',
    'https://[::ffff:10.0.0.1]/hook',
    'https://[64:ff9b::a00:1]/hook',
    'https://[2002:a00:1::]/hook',
    // As URLs write IPv4 addresses too.
    'https://2130706433/hook',
    'https://0x7f.1/hook',
    'https://localhost/hook',
    'https://metadata.google.internal/computeMetadata',
  ])('inside of the server’s own network is refused: %s', (url) => {
    expect(strict.problem(url)?.en).toContain('own network');
  });

  test.each([
    'http://hospital.example.org/hook',
    'ftp://hospital.example.org',
    'hook',
    'https://user:secret@hospital.example.org/hook',
  ])('that is not a plain https URL is refused: %s', (url) => {
    expect(strict.problem(url)).toBeDefined();
  });

  test.each(['https://hospital.example.org/hook?a=1', 'https://8.8.8.8/hook', 'https://[2400:3200::1]/hook'])(
    'of the open Internet is taken: %s',
    (url) => {
      expect(strict.problem(url)).toBeUndefined();
    },
  );

  test('is what the operator allows', () => {
    const lax = createTargets({ networks: ['10.20.0.0/16'], http: true });
    expect(lax.problem('http://10.20.3.4/hook')).toBeUndefined();
    expect(lax.problem('http://10.21.3.4/hook')).toBeDefined();
  });
});

describe('a name', () => {
  const resolve = (targets: ReturnType<typeof createTargets>) =>
    new Promise((done) => targets.lookup('localhost', {}, (error, address) => done(error ?? address)));

  test('that leads inside is refused at the moment of connecting', async () => {
    expect(await resolve(strict)).toBeInstanceOf(RefusedTarget);
  });

  test('leads there where that is allowed', async () => {
    expect(await resolve(createTargets({ networks: ['127.0.0.0/8', '::1'], http: true }))).toMatch(
      /^(?:127\.|::1)/,
    );
  });
});
