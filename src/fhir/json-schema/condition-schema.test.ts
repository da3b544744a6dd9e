import { describe, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { compile } from '../fhirpath/compile.ts';
import { necessaryFor } from './condition-schema.ts';

const ajv = new Ajv2020({ strict: false });
const jsonNames = (member: string) =>
  member === 'value' ? ['value', 'valueBoolean', 'valueString'] : [member];

/** Conditions as rules have them, and as they might. */
const conditions = [
  "status = 'accepted' implies statusReason.text.exists()",
  "status in ('accepted' | 'rejected') implies code.exists()",
  "code.coding.exists(system = 'a' and code = 'b')",
  "code.coding.exists(system = 'a') implies (status = 'rejected' or statusReason.exists())",
  "code.coding.where(system = 'a').all(code = 'b')",
  "code.coding.where(system.exists()).code.all(matches('^b'))",
  "extension('u').value.exists()",
  "extension('u').exists(value = true)",
  "status.exists($this = 'accepted') implies extension('u').exists(value = true).not()",
  "code.coding.code.exists(startsWith('b')) or status.empty()",
  "code.empty() or status = 'accepted'",
];

/** Parts of resources: whatever a condition speaks of is there, is something else, or is missing. */
const coding = fc.record(
  { system: fc.constantFrom('a', 'x'), code: fc.constantFrom('b', 'bb', 'c') },
  { requiredKeys: [] },
);
const resource = fc.record(
  {
    status: fc.constantFrom('accepted', 'rejected', 'draft'),
    statusReason: fc.record({ text: fc.constant('为何') }, { requiredKeys: [] }),
    code: fc.record({ coding: fc.array(coding, { minLength: 1, maxLength: 3 }) }, { requiredKeys: [] }),
    extension: fc.array(
      fc.record(
        { url: fc.constantFrom('u', 'v'), valueBoolean: fc.boolean(), valueString: fc.constant('x') },
        { requiredKeys: ['url'] },
      ),
      { minLength: 1, maxLength: 2 },
    ),
  },
  { requiredKeys: [] },
);

describe('the schema that a condition needs', () => {
  test.each(conditions)('lets pass whatever is true: %s', (condition) => {
    const schema = necessaryFor(condition, jsonNames)!;
    const accepts = ajv.compile(schema);
    const holds = compile(condition, { type: 'Task' });
    fc.assert(
      fc.property(resource, (json) => {
        const task = { resourceType: 'Task', ...json };
        if (holds(task)[0] === true) expect(accepts(task)).toBe(true);
      }),
    );
  });

  test.each(conditions)('and refuses something that is not: %s', (condition) => {
    const accepts = ajv.compile(necessaryFor(condition, jsonNames)!);
    const refused = fc.sample(resource, 500).some((json) => !accepts({ resourceType: 'Task', ...json }));
    expect(refused).toBe(true);
  });

  test.each([
    '%patient.exists()',
    'status.length() > 3',
    "focus.reference.exists(startsWith('ServiceRequest/'))",
    "status = 'accepted' or %other.exists()",
    "%other.exists() implies status = 'accepted'",
  ])('is none where JSON alone does not tell: %s', (condition) => {
    const schema = necessaryFor(condition, jsonNames);
    expect(
      schema === undefined ||
        ajv.compile(schema)({ resourceType: 'Task', focus: { reference: 'urn:uuid:1' } }),
    ).toBe(true);
  });
});
