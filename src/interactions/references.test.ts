import { expect, test } from '@jest/globals';
import { loadDefinitions } from '../fhir/definitions/definitions.ts';
import { elementsOf } from '../fhir/search/elements.ts';
import { rewriteLinks } from './references.ts';

const elements = elementsOf(loadDefinitions());
const toPatient = (link: string) => (link === 'urn:uuid:1' ? 'Patient/1' : undefined);

test('references, URIs and the links of a narrative are rewritten', () => {
  const observation = (link: string) => ({
    resourceType: 'Observation',
    subject: { reference: link },
    _status: { extension: [{ url: 'http://x', valueReference: { reference: link } }] },
    extension: [{ url: 'http://x', valueUri: link }],
    contained: [{ resourceType: 'Provenance', policy: ['urn:uuid:2', link], target: [{ reference: '#' }] }],
    text: { div: `<div><a href="${link}">x</a> <img alt='' src='${link}'/> urn:uuid:1</div>` },
  });
  expect(rewriteLinks(elements, observation('urn:uuid:1'), toPatient)).toEqual(observation('Patient/1'));
});

test('the value of an identifier, and other strings, are no links', () => {
  const resource = {
    resourceType: 'Patient',
    identifier: [{ system: 'urn:ietf:rfc:3986', value: 'urn:uuid:1' }],
    name: [{ text: 'urn:uuid:1', given: ['urn:uuid:1'] }],
    extension: [{ url: 'http://x', valueString: 'urn:uuid:1' }],
  };
  expect(rewriteLinks(elements, resource, toPatient)).toBe(resource);
});

test('references are told from other links', () => {
  const kinds: string[] = [];
  rewriteLinks(
    elements,
    { resourceType: 'Patient', photo: [{ url: 'a' }], managingOrganization: { reference: 'b' } },
    (link, kind) => {
      kinds.push(`${kind} ${link}`);
      return undefined;
    },
  );
  expect(kinds).toEqual(['uri a', 'reference b']);
});

test('what does not change is shared, and the original stays as it was', () => {
  const resource = { resourceType: 'Observation', subject: { reference: 'urn:uuid:1' }, code: { text: 'x' } };
  const rewritten = rewriteLinks(elements, resource, toPatient);
  expect(rewritten.code).toBe(resource.code);
  expect(resource.subject.reference).toBe('urn:uuid:1');
});
