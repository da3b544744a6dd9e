import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

/** Loads the server, and tells which of the modules that XML needs have come with it. */
const program = `
  import { registerHooks } from 'node:module';
  const loaded = [];
  registerHooks({
    resolve(name, context, next) {
      const found = next(name, context);
      loaded.push(found.url);
      return found;
    },
  });
  await import('./src/main.ts');
  console.log(JSON.stringify({ all: loaded.length, xml: loaded.filter((url) => /saxes|fhir\\/xml/.test(url)) }));
  process.exit();
`;

test('what reads and writes XML is not loaded with the server, but when somebody asks for it', () => {
  const cwd = fileURLToPath(new URL('../..', import.meta.url));
  const said = execFileSync(process.execPath, ['--input-type=module', '-e', program], {
    cwd,
    encoding: 'utf8',
  });
  const { all, xml } = JSON.parse(said) as { all: number; xml: string[] };
  expect(all).toBeGreaterThan(300);
  // One says how to load the others, one is how a text stands in XHTML.
  const names = new Set(xml.map((url) => url.slice(url.lastIndexOf('/'))));
  expect([...names].sort()).toEqual(['/escape.ts', '/xml.ts']);
});
