import { expect, test } from '@jest/globals';
import { rewriteReferences } from './references.ts';

const toPatient = (reference: string) => (reference === 'urn:uuid:1' ? 'Patient/1' : undefined);

test('references, URIs and the links of a narrative are rewritten', () => {
  const resource = {
    subject: { reference: 'urn:uuid:1' },
    extension: [{ url: 'http://x', valueUri: 'urn:uuid:1' }],
    text: { div: '<div><a href="urn:uuid:1">x</a> urn:uuid:1</div>' },
  };
  expect(rewriteReferences(resource, toPatient)).toEqual({
    subject: { reference: 'Patient/1' },
    extension: [{ url: 'http://x', valueUri: 'Patient/1' }],
    text: { div: '<div><a href="Patient/1">x</a> urn:uuid:1</div>' },
  });
});

test('the value of an identifier is a string, not a reference', () => {
  const resource = { identifier: [{ system: 'urn:ietf:rfc:3986', value: 'urn:uuid:1' }] };
  expect(rewriteReferences(resource, toPatient)).toBe(resource);
});

test('what does not change is shared, and the original stays as it was', () => {
  const resource = { subject: { reference: 'urn:uuid:1' }, code: { text: 'x' } };
  const rewritten = rewriteReferences(resource, toPatient);
  expect(rewritten.code).toBe(resource.code);
  expect(resource.subject.reference).toBe('urn:uuid:1');
});
