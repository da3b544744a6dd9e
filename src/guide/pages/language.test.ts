import { expect, test } from '@jest/globals';
import { inLanguage } from './language.ts';

test.each([
  ['上转转诊单 / Up-referral', '上转转诊单', 'Up-referral'],
  ['血压≥180和/或110mmHg / BP >=180 and/or >=110', '血压≥180和/或110mmHg', 'BP >=180 and/or >=110'],
  ['由低层级机构转出。\n\nFrom a lower tier (县).', '由低层级机构转出。', 'From a lower tier (县).'],
  ['- 填写原因 / Give a reason\n- 附方案 / The plan', '- 填写原因\n- 附方案', '- Give a reason\n- The plan'],
  ['Only in English / and a slash', 'Only in English / and a slash', 'Only in English / and a slash'],
  ['仅中文', '仅中文', '仅中文'],
])('%s', (text, zh, en) => {
  expect(inLanguage(text, 'zh')).toBe(zh);
  expect(inLanguage(text, 'en')).toBe(en);
});
