import { expect, test } from '@jest/globals';
import { inBrowser } from '../environment/chromium.ts';

inBrowser('the guide in a browser', (browser) => {
  const open = (path: string) => browser.page.goto(browser.origin + path);

  test('begins in the language of the browser, and changes it on the same page', async () => {
    const { page } = browser;
    await open('/docs');
    expect(new URL(page.url()).pathname).toBe('/docs/zh');
    await page.click('.chapters >> text=规则');
    expect(await page.textContent('h1')).toContain('规则');
    await page.click('.language >> text=English');
    expect(new URL(page.url()).pathname).toBe('/docs/en/rules');
    expect(await page.getAttribute('html', 'lang')).toBe('en');
  });

  test('is searched while one types, and leads to the place', async () => {
    const { page } = browser;
    await open('/docs/zh');
    await page.fill('#search', 'mssh');
    await page.fill('#search', '绿色通道');
    await page.click('#found >> text=急诊级(stat)转诊必须开通绿色通道 >> nth=0');
    await page.waitForURL('**/docs/zh/rules#sr-green-channel');
    expect(await page.isVisible('#sr-green-channel')).toBe(true);
    await page.fill('#search', '没有这样的词');
    await page.waitForSelector('#found >> text=没有找到');
    await page.press('#search', 'Escape');
    expect(await page.isVisible('#found')).toBe(false);
  });

  test('each chapter can be shown, on a narrow screen and on paper as well', async () => {
    const { page } = browser;
    await open('/docs/en');
    const links = await page.$$eval('.chapters a', (all) => all.map((each) => each.getAttribute('href')!));
    await page.setViewportSize({ width: 360, height: 640 });
    for (const link of links) {
      await open(link);
      const isWithin = '() => document.documentElement.scrollWidth <= innerWidth';
      if (!link.endsWith('/api'))
        expect([link, await page.evaluate(`(${isWithin})()`)]).toEqual([link, true]);
    }
    await open('/docs/en/workflow');
    await page.emulateMedia({ media: 'print' });
    expect(await page.isVisible('.chapters')).toBe(false);
    expect(await page.isVisible('svg.diagram')).toBe(true);
  });
});
