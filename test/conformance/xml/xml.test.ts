import { execFileSync } from 'node:child_process';
import {
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { loadDefinitions } from '../../../src/fhir/definitions/definitions.ts';
import { loadXml } from '../../../src/fhir/xml/xml.ts';

/** The instance examples of the R4 specification (hl7.fhir.r4.examples 4.0.1). */
const folder = new URL('../../../../shared/conformance/r4-examples/', import.meta.url);
const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.json')) : [];
const textOf = (name: string) => readFileSync(new URL(name, folder), 'utf8');

const xml = await loadXml(loadDefinitions());

/** Where the libraries of HL7's reference implementation are, when the global setup has started it. */
const [libraries] = process.env.ORACLE_URL
  ? globSync(join(process.env.ORACLE_HOME ?? join(homedir(), '.cache', 'zhuanzhen-oracle'), '*', 'classpath'))
  : [];

/** JSON with the digits of each number kept. */
const withDigits = (text: string): unknown =>
  JSON.parse(text, (_, value, context?: { source: string }) =>
    typeof value === 'number' ? { digits: context!.source } : value,
  );

const project = fileURLToPath(new URL('../../../', import.meta.url));
const own = globSync('{examples,profiles,terminology}/**/*.json', { cwd: project }).filter((name) =>
  /"resourceType"/.test(readFileSync(join(project, name), 'utf8').slice(0, 200)),
);

test.each(own)('our own %s comes back from XML digit for digit', (name) => {
  const text = readFileSync(join(project, name), 'utf8');
  expect(withDigits(xml.read(Buffer.from(xml.write(text)), 64))).toEqual(withDigits(text));
});

if (names.length === 0) {
  test.skip('the R4 examples are not there: ../shared/conformance/r4-examples', () => {});
} else {
  describe.each([
    ['for programs', false],
    ['for people', true],
  ])('the examples of R4, written %s', (_, pretty) => {
    test.each(names)('%s comes back from XML digit for digit', (name) => {
      const text = textOf(name);
      const back = xml.read(Buffer.from(xml.write(text, pretty)), 64);
      expect(withDigits(back)).toEqual(withDigits(text));
    });
  });
}

if (!libraries || names.length === 0) {
  test.skip("the comparison with HL7's implementation needs ../shared/oracle, Java and ../shared/conformance/r4-examples", () => {});
} else {
  describe("HL7's reference implementation", () => {
    const work = mkdtempSync(join(tmpdir(), 'zhuanzhen-xml-'));
    const [ours, theirs] = [join(work, 'ours'), join(work, 'theirs')];
    let told = '';

    beforeAll(() => {
      mkdirSync(ours);
      mkdirSync(theirs);
      for (const name of names) writeFileSync(join(ours, inXml(name)), xml.write(textOf(name)));
      const program = fileURLToPath(new URL('Convert.java', import.meta.url));
      const classpath = readFileSync(libraries, 'utf8').trim();
      const run = ['-Xss8m', '-Xmx1g', '-cp', classpath, program, fileURLToPath(folder), ours, theirs];
      told = execFileSync('java', run, { encoding: 'utf8' });
    }, 600_000);
    afterAll(() => rmSync(work, { recursive: true }));

    test('reads each example in our XML as it reads it in JSON', () => {
      // The narratives of that one have carriage returns, which XML reads as ends of lines, in JSON too but for HL7.
      expect(told.trim()).toBe('Bundle-types.xml: read as another resource');
    });

    test.each(names)('%s: its XML and ours are the same, and ours is read from its', (name) => {
      const text = readFileSync(join(theirs, inXml(name)), 'utf8');
      const own = readFileSync(join(ours, inXml(name)), 'utf8');
      expect(difference(comparable(own), comparable(text))).toBeUndefined();
      const back = withDigits(xml.read(Buffer.from(text), 64));
      expect(
        difference(comparable(inOrder(back)), comparable(inOrder(withDigits(textOf(name))))),
      ).toBeUndefined();
    });
  });
}

function inXml(name: string): string {
  return name.replace(/json$/, 'xml');
}

/** HL7 leaves out the white space of base64 and some of that in narratives, and writes empty elements of these shorter. */
function comparable(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.replace(/\s|&#x[9AD];|\\[rnt]/g, '').replace(/(<\w[^<>]*)><\/\w+>/g, '$1/>');
}

/** Where two long texts begin to differ; undefined where they do not. */
function difference(one: string, other: string): string[] | undefined {
  if (one === other) return undefined;
  let at = 0;
  while (one[at] === other[at]) at++;
  return [one, other].map((text) => text.slice(Math.max(0, at - 60), at + 60));
}

/** The members of all objects by name. */
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(members.map(([name, member]) => [name, inOrder(member)]));
}
