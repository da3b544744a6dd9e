import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { loadDefinitions } from '../../src/fhir/definitions/definitions.ts';
import { applyFhirPathPatch } from '../../src/fhir/patch/fhirpath-patch.ts';
import { applyJsonPatch } from '../../src/fhir/patch/json-patch.ts';
import { Refusal } from '../../src/fhir/refusal.ts';
import type { Resource } from '../../src/fhir/resource.ts';
import { loadXml } from '../../src/fhir/xml/xml.ts';
import { parseXml, type XmlElement } from './test-cases-xml.ts';

const folder = new URL('../../../shared/conformance/patch/', import.meta.url);
const present = existsSync(folder);
const xml = await loadXml(loadDefinitions());

if (!present) {
  test.skip('the patch cases need ../shared/conformance/patch, which is not here', () => {});
} else {
  describe('JSON Patch does what its public cases say', () => {
    const cases = JSON.parse(readFileSync(new URL('json-patch-tests.json', folder), 'utf8')) as JsonCase[];
    test.each(cases)('$comment', ({ doc, patch, expected, error }) => {
      const before = structuredClone(doc);
      const apply = () => applyJsonPatch(doc as Resource, patch);
      if (error) expect(apply).toThrow(Refusal);
      else expect(apply()).toEqual(expected);
      expect(doc).toEqual(before);
    });
  });

  describe('FHIRPath Patch does what its public cases say', () => {
    const { children } = parseXml(readFileSync(new URL('fhir-patch-tests.xml', folder), 'utf8'));
    test.each(children.map((element) => ({ name: element.attributes.name, element })))(
      '$name',
      ({ element }) => {
        const input = resourceIn(element, 'input')!;
        const before = structuredClone(input);
        const apply = () => applyFhirPathPatch(input as Resource, resourceIn(element, 'diff'));
        const output = resourceIn(element, 'output');
        if (output) expect(comparable(apply())).toEqual(comparable(output));
        else expect(apply).toThrow(Refusal);
        expect(input).toEqual(before);
      },
    );
  });
}

interface JsonCase {
  comment: string;
  doc: object;
  patch: unknown;
  expected?: object;
  error?: string;
}

function resourceIn(element: XmlElement, name: string): Record<string, unknown> | undefined {
  const resource = element.children.find((child) => child.name === name)?.children[0];
  return resource && JSON.parse(xml.read(Buffer.from(resource.source), 50));
}

/** The cases write the white space and the quotes of one narrative in two ways. */
function comparable(resource: Record<string, unknown>): unknown {
  return JSON.parse(JSON.stringify(resource), (name, value) =>
    name === 'div' ? value.replaceAll('&quot;', '"').replace(/\s+/g, ' ') : value,
  );
}
