import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect } from '@jest/globals';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { type Running, start } from '../../src/main.ts';
import { readSettings } from '../../src/settings.ts';
import { untilReady } from '../../src/store/until-ready.ts';
import { testLog } from './logs.ts';
import { signingKeys } from './server.ts';

/** A page of a real browser, and the server that it is served by. */
export interface InBrowser {
  readonly page: Page;
  readonly running: Running;
  /** The address of the server, without a path. */
  readonly origin: string;
}

const places = [
  process.env.CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  chromium.executablePath(),
];

/** Slow machines take their time to start a browser. */
const patience = 120_000;

/** The first Chromium that starts: one that is there may lack what it needs. */
const executablePath = await firstThatStarts();

async function firstThatStarts(): Promise<string | undefined> {
  for (const place of places.filter((each) => each !== undefined && existsSync(each))) {
    const browser = await chromium
      .launch({ executablePath: place, timeout: patience })
      .catch(() => undefined);
    await browser?.close();
    if (browser) return place;
  }
  return undefined;
}

/**
 * Runs examples in Chromium, where there is one (`CHROMIUM` names it), each on a page of its own, of a server on the
 * embedded engine. Each fails where the page asks anybody but the server, or the browser complains: of an error of a script,
 * of something that the policy of the page forbids, of what is not there. Where there is no Chromium, they are passed over, and that is said;
 * with `REQUIRE_BROWSER=1` they fail.
 */
export function inBrowser(
  name: string,
  examples: (browser: InBrowser) => void,
  environment: Record<string, string> = {},
): void {
  if (executablePath === undefined && process.env.REQUIRE_BROWSER !== '1') {
    process.stderr.write(`${name}: not tried, no Chromium starts here (CHROMIUM can name one)\n`);
    describe.skip(`${name} (no Chromium is there)`, () => examples({} as InBrowser));
    return;
  }
  describe(name, () => {
    const folder = mkdtempSync(join(tmpdir(), 'zhuanzhen-browser-'));
    const complaints: string[] = [];
    let running: Running;
    let browser: Browser;
    let context: BrowserContext;
    let page: Page;
    beforeAll(async () => {
      const settings = {
        AUTH: 'off',
        SIGNING_KEYS: signingKeys,
        PORT: '0',
        DATA_DIR: folder,
        ...environment,
      };
      running = await start(readSettings(settings), testLog());
      await untilReady(running.server.store);
      browser = await chromium.launch({ executablePath, timeout: patience });
    }, patience);
    afterAll(async () => {
      await browser?.close();
      await running.stop();
      rmSync(folder, { recursive: true });
    }, patience);
    beforeEach(async () => {
      complaints.length = 0;
      context = await browser.newContext({ locale: 'zh-CN' });
      context.setDefaultTimeout(patience / 2);
      const { origin } = new URL(running.base);
      await context.route(
        ({ origin: asked }) => asked !== origin,
        (route) => {
          complaints.push(`asks ${route.request().url()}`);
          return route.abort();
        },
      );
      page = await context.newPage();
      page.on('pageerror', ({ message }) => complaints.push(message));
      page.on('console', (message) => {
        if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
      });
    }, patience);
    afterEach(async () => {
      await context.close();
      expect(complaints).toEqual([]);
    });
    examples({
      get page() {
        return page;
      },
      get running() {
        return running;
      },
      get origin() {
        return new URL(running.base).origin;
      },
    });
  });
}
