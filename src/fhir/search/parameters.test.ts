import { describe, expect, test } from '@jest/globals';
import { found, searchServer } from '../../../test/environment/search.ts';
import type { Resource } from '../resource.ts';

const { parameters } = searchServer;

describe('the registry', () => {
  test('compiles every parameter of every type; those without values in the resource are known', () => {
    const without = new Set(['_id', '_lastUpdated', '_text', '_content']);
    for (const type of parameters.resourceTypes)
      for (const parameter of parameters.of(type).values())
        if (!without.has(parameter.name))
          expect([type, parameter.name, parameter.paths.length > 0]).toEqual([type, parameter.name, true]);
  });

  test('knows the types of values, so that nothing has to be guessed', () => {
    const types = (type: string, name: string) => [...(parameters.of(type).get(name)?.types ?? [])];
    expect(types('Patient', 'birthdate')).toEqual(['date']);
    expect(types('Observation', 'value-quantity')).toEqual(['Quantity', 'SampledData']);
    expect(types('Condition', 'onset-date')).toEqual(['dateTime', 'Period']);
    expect(types('Patient', 'name')).toEqual(['HumanName']);
    expect(types('Encounter', 'class')).toEqual(['Coding']);
  });

  test('narrows the targets that an expression narrows', () => {
    expect(parameters.of('Observation').get('patient')?.targets).toEqual(['Patient']);
    expect(parameters.of('Observation').get('subject')?.targets).toEqual(
      expect.arrayContaining(['Patient', 'Group', 'Device', 'Location']),
    );
  });

  test('has the parameters of DomainResource only where there is a narrative', () => {
    expect(parameters.of('Patient').has('_text')).toBe(true);
    expect(parameters.of('Binary').has('_text')).toBe(false);
    expect(parameters.of('Binary').has('_id')).toBe(true);
  });
});

describe('SearchParameters at run time', () => {
  const url = 'http://example.org/SearchParameter/mothers-name';
  const definition = (members: object = {}): Resource => ({
    resourceType: 'SearchParameter',
    url,
    code: 'mothers-name',
    type: 'string',
    base: ['Patient'],
    expression: "Patient.extension('http://example.org/mother').value.ofType(string)",
    ...members,
  });
  const patient: Resource = {
    resourceType: 'Patient',
    id: 'p',
    extension: [
      { url: 'http://example.org/father', valueString: 'Li' },
      { url: 'http://example.org/mother', valueString: 'Wang' },
    ],
  };
  const searching = (resource: Resource) => ({ ...searchServer, parameters: parameters.with(resource) });

  test.each([
    ['extension()', definition()],
    [
      'where()',
      definition({ expression: "Patient.extension.where(url='http://example.org/mother').value as string" }),
    ],
    [
      'a relative path',
      definition({ expression: "extension.where(url = 'http://example.org/mother').value" }),
    ],
    [
      'what only the FHIRPath engine can',
      definition({ expression: 'Patient.extension.skip(1).value.select($this)' }),
    ],
  ])('%s is searched by', (_, resource) => {
    expect(found('Patient?mothers-name=wang', [patient], searching(resource))).toEqual(['p']);
    expect(found('Patient?mothers-name=li', [patient], searching(resource))).toEqual([]);
  });

  test('an expression that takes too long finds nothing, and stops nobody', () => {
    const expression = `Patient.descendants().where(${'%resource.descendants().where('.repeat(6)}true${')'.repeat(7)}`;
    const slow = searching(definition({ expression }));
    const start = performance.now();
    expect(found('Patient?mothers-name=wang', [patient], slow)).toEqual([]);
    expect(performance.now() - start).toBeLessThan(2000);
  });

  test('the registry that was extended stays as it was', () => {
    const more = parameters.with(definition());
    expect(more.of('Patient').has('mothers-name')).toBe(true);
    expect(parameters.of('Patient').has('mothers-name')).toBe(false);
    expect(more.without(url).of('Patient').has('mothers-name')).toBe(false);
  });

  test.each([
    ['an expression that is no FHIRPath', { expression: 'Patient.name.(' }],
    ['no expression', { expression: undefined }],
    ['a name with a dot', { code: 'a.b' }],
    ['a type that needs code of its own', { type: 'special' }],
    [
      'a component that is not known',
      { type: 'composite', component: [{ definition: 'http://a', expression: 'a' }] },
    ],
  ])('%s is refused', (_, members) => {
    expect(() => parameters.with(definition(members))).toThrow(SyntaxError);
  });
});
