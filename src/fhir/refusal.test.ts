import { describe, expect, test } from '@jest/globals';
import { type RefusalKind, refusals, refuse } from './refusal.ts';
import { findings } from './validation/findings/findings.ts';

const kinds: (readonly [string, Pick<RefusalKind, 'zh' | 'en'>])[] = [
  ...Object.entries(refusals),
  ...Object.entries(findings),
];

/** Three English words in a row: more than a name or a value. */
const sentence = /[a-z]{2,} [a-z]{2,} [a-z]{2,}/;
const placeholders = (text: string) => [...new Set(text.match(/\{\d\}/g))].sort();

describe('every text of the registries', () => {
  test.each(kinds)('%s is in Chinese and in English, each wholly, with the same details', (_, { zh, en }) => {
    expect(zh).toMatch(/[\u4e00-\u9fff]/);
    expect(zh).not.toMatch(sentence);
    expect(en).not.toMatch(/[\u4e00-\u9fff]/);
    expect(placeholders(zh)).toEqual(placeholders(en));
  });
});

test('a detail that is said in words is said in each language', () => {
  const [issue] = refuse(refusals.invalidRequest, [
    { zh: '条目没有资源', en: 'the entry has no resource' },
  ]).issues;
  expect(issue!.text).toEqual({
    zh: '请求有误:条目没有资源',
    en: 'Invalid request: the entry has no resource',
  });
});
