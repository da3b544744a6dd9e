import { describe, expect, test } from '@jest/globals';
import { loadDefinitions } from '../../definitions/definitions.ts';
import { overlay } from '../../definitions/overlay.ts';
import { isError } from '../../outcome.ts';
import type { Element, Resource } from '../../resource.ts';
import { createValidator } from '../validator.ts';

const system = 'http://example.org/answers';
const ucum = 'http://unitsofmeasure.org';
const structure = 'http://hl7.org/fhir/StructureDefinition';
const coding = (code: string) => ({ valueCoding: { system, code } });
const quantity = (value: number, code: string) => ({ valueQuantity: { value, system: ucum, code } });
const extension = (name: string, value: object) => ({ url: `${structure}/${name}`, ...value });
const item = (linkId: string, type: string, more: object = {}) => ({ linkId, type, ...more });
const enabledBy = (question: string, operator: string, answer: object, more: object = {}) => ({
  enableWhen: [{ question, operator, ...answer }],
  ...more,
});

const questionnaire: Resource = {
  resourceType: 'Questionnaire',
  id: 'q',
  url: 'http://example.org/Questionnaire/q',
  name: 'Q',
  status: 'active',
  contained: [
    {
      ...{ resourceType: 'ValueSet', id: 'values', status: 'active' },
      compose: { include: [{ system, concept: [{ code: 'a' }] }] },
    },
  ],
  item: [
    item('group', 'group', {
      text: '病史',
      item: [
        item('boolean', 'boolean', { text: '是否吸烟' }),
        item('decimal', 'decimal', { extension: [extension('maxDecimalPlaces', { valueInteger: 1 })] }),
        item('integer', 'integer', {
          extension: [extension('minValue', { valueInteger: 0 }), extension('maxValue', { valueInteger: 9 })],
        }),
        item('date', 'date'),
        item('dateTime', 'dateTime'),
        item('time', 'time'),
        item('string', 'string', {
          maxLength: 5,
          extension: [
            extension('minLength', { valueInteger: 2 }),
            extension('regex', { valueString: '[a-z]+' }),
          ],
        }),
        item('text', 'text'),
        item('url', 'url'),
        item('attachment', 'attachment', {
          extension: [
            extension('mimeType', { valueCode: 'image/png' }),
            extension('maxSize', { valueDecimal: 2 }),
          ],
        }),
        item('reference', 'reference'),
        item('quantity', 'quantity', {
          extension: [extension('questionnaire-unitOption', { valueCoding: { system: ucum, code: 'kg' } })],
        }),
        item('choice', 'choice', { answerOption: [coding('a'), coding('b')] }),
        item('open', 'open-choice', { answerOption: [coding('a')] }),
        item('strings', 'choice', { answerOption: [{ valueString: '是' }, { valueString: '否' }] }),
        item('days', 'choice', { answerOption: [{ valueDate: '2026-01-02' }] }),
        item('gender', 'choice', { answerValueSet: 'http://hl7.org/fhir/ValueSet/administrative-gender' }),
        item('contained', 'choice', { answerValueSet: '#values' }),
        item('display', 'display', { text: '说明' }),
        item('many', 'string', { repeats: true }),
        item('asked', 'boolean', { item: [item('followed', 'string', { required: true })] }),
      ],
    }),
    item('required', 'string', { required: true }),
    item('when', 'string', enabledBy('boolean', '=', { answerBoolean: true }, { required: true })),
    item('unless', 'string', enabledBy('boolean', '!=', { answerBoolean: true })),
    item('above', 'string', enabledBy('integer', '>', { answerInteger: 5 })),
    item('answered', 'string', enabledBy('text', 'exists', { answerBoolean: true })),
    item('coded', 'string', enabledBy('choice', '=', { answerCoding: coding('a').valueCoding })),
    item('heavy', 'string', enabledBy('quantity', '>=', { answerQuantity: quantity(5, 'kg').valueQuantity })),
    item('repeating', 'group', {
      repeats: true,
      item: [
        item('question', 'boolean'),
        item('detail', 'string', enabledBy('question', '=', { answerBoolean: true })),
      ],
    }),
  ],
};

const validator = createValidator(overlay(loadDefinitions(), [questionnaire]));

const answer = (linkId: string, ...answers: object[]) => ({ linkId, answer: answers });
const group = (...items: object[]) => ({ linkId: 'group', item: items });
const required = answer('required', { valueString: 'x' });

function response(items: object[], more: Element = {}): Resource {
  return {
    ...{ resourceType: 'QuestionnaireResponse', status: 'completed', questionnaire: questionnaire.url },
    ...(items.length > 0 && { item: items }),
    ...more,
  };
}

const errorsOf = (resource: Resource) =>
  validator
    .validate(resource)
    .filter(isError)
    .map(({ expression, text }) => `${expression?.[0]?.replace('QuestionnaireResponse', 'QR')}: ${text.en}`);

const within = (given: object) => response([group(given), required]);

describe('an answer that its item takes', () => {
  test.each([
    answer('boolean', { valueBoolean: false }),
    answer('decimal', { valueDecimal: 1.5 }),
    answer('integer', { valueInteger: 9 }),
    answer('date', { valueDate: '2026' }),
    answer('dateTime', { valueDateTime: '2026-01-02T08:00:00+08:00' }),
    answer('time', { valueTime: '08:00:00' }),
    answer('string', { valueString: 'abcde' }),
    answer('text', { valueString: '咳嗽\n三天' }),
    answer('url', { valueUri: 'http://example.org' }),
    answer('attachment', { valueAttachment: { contentType: 'image/png', data: 'AAA=', size: 2 } }),
    answer('reference', { valueReference: { reference: 'Patient/1' } }),
    answer('quantity', quantity(1, 'kg')),
    answer('choice', coding('b')),
    answer('open', coding('a')),
    answer('open', { valueString: '其他' }),
    answer('strings', { valueString: '否' }),
    answer('days', { valueDate: '2026-01-02' }),
    answer('gender', { valueCoding: { system: 'http://hl7.org/fhir/administrative-gender', code: 'male' } }),
    answer('contained', coding('a')),
    answer('many', { valueString: 'x' }, { valueString: 'y' }),
    answer('asked', { valueBoolean: true, item: [answer('followed', { valueString: 'x' })] }),
    { linkId: 'display' },
    { linkId: 'boolean', text: '是否吸烟' },
  ])('$linkId', (given) => {
    expect(errorsOf(within(given))).toEqual([]);
  });
});

describe('an answer that its item does not take', () => {
  test.each<[object, string]>([
    [answer('boolean', { valueString: 'x' }), 'The answer to "boolean" is of type boolean, not string'],
    [answer('decimal', { valueInteger: 1 }), 'The answer to "decimal" is of type decimal, not integer'],
    [
      answer('dateTime', { valueDate: '2026-01-02' }),
      'The answer to "dateTime" is of type dateTime, not date',
    ],
    [answer('url', { valueString: 'x' }), 'The answer to "url" is of type uri, not string'],
    [answer('decimal', { valueDecimal: 1.25 }), 'The answer has more than 1 decimal places'],
    [answer('integer', { valueInteger: -1 }), 'Must not be less than 0'],
    [answer('integer', { valueInteger: 10 }), 'Must not be more than 9'],
    [answer('string', { valueString: 'abcdef' }), 'The answer is longer than 5 characters'],
    [answer('string', { valueString: 'a' }), 'The answer is shorter than 2 characters'],
    [answer('string', { valueString: 'ABC' }), 'The answer is not written as [a-z]+'],
    [
      answer('attachment', { valueAttachment: { contentType: 'image/gif', url: 'http://example.org' } }),
      'An attachment of the type "image/gif" is not taken; these are: image/png',
    ],
    [
      answer('attachment', { valueAttachment: { contentType: 'image/png', data: 'AAAA' } }),
      'The attachment has 3 bytes, more than 2',
    ],
    [answer('quantity', quantity(1, 'g')), 'The unit "g" is not one of those for the answer: kg'],
  ])('%j', (given, said) => {
    expect(errorsOf(within(given))).toEqual([`QR.item[0].item[0].answer[0].value: ${said}`]);
  });

  test.each<[object, string]>([
    [
      answer('choice', coding('z')),
      `"${system}|z" is not one of the answers; these are: ${system}|a, ${system}|b`,
    ],
    [
      answer('choice', { valueString: 'x' }),
      `"x" is not one of the answers; these are: ${system}|a, ${system}|b`,
    ],
    [answer('open', coding('z')), `"${system}|z" is not one of the answers; these are: ${system}|a`],
    [answer('strings', { valueString: '或' }), '"或" is not one of the answers; these are: 是, 否'],
    [
      answer('days', { valueDate: '2026-01-03' }),
      '"2026-01-03" is not one of the answers; these are: 2026-01-02',
    ],
    [
      answer('gender', coding('a')),
      `The answer "${system}|a" is not in the value set http://hl7.org/fhir/ValueSet/administrative-gender`,
    ],
    [answer('contained', coding('b')), `The answer "${system}|b" is not in the value set #values`],
  ])('%j', (given, said) => {
    expect(errorsOf(within(given))).toEqual([`QR.item[0].item[0].answer[0]: ${said}`]);
  });
});

describe('the structure of a response', () => {
  test.each<[string, object[], string[]]>([
    ['a required item that is missing', [], ['QR: The item "required" must be answered']],
    ['one without an answer', [{ linkId: 'required' }], ['QR.item[0]: The item "required" must be answered']],
    [
      'one below an answer',
      [group(answer('asked', { valueBoolean: true })), required],
      ['QR.item[0].item[0].answer[0]: The item "followed" must be answered'],
    ],
    ['one below a question that is not answered', [group({ linkId: 'asked' }), required], []],
    [
      'a link that the questionnaire does not have',
      [required, answer('nothing', { valueString: 'x' })],
      ['QR.item[1]: The questionnaire has no linkId "nothing"'],
    ],
    [
      'an item in another place',
      [required, answer('text', { valueString: 'x' })],
      ['QR.item[1]: The item "text" of the questionnaire does not stand here'],
    ],
    [
      'items in another order',
      [required, group(answer('text', { valueString: 'x' }))],
      ['QR.item[1]: The item "group" is not in the order of the questionnaire'],
    ],
    [
      'another text',
      [group({ linkId: 'boolean', text: '是否饮酒' }), required],
      ['QR.item[0].item[0]: The text of the item "boolean" is not that of the questionnaire'],
    ],
    [
      'two answers where one is taken',
      [group(answer('text', { valueString: 'x' }, { valueString: 'y' })), required],
      ['QR.item[0].item[0]: The item "text" takes one answer, but has 2'],
    ],
    [
      'an item twice',
      [group(answer('text', { valueString: 'x' }), answer('text', { valueString: 'y' })), required],
      ['QR.item[0]: The item "text" does not repeat, but occurs 2 times'],
    ],
    [
      'a group that is answered',
      [answer('group', { valueString: 'x' }), required],
      ['QR.item[0]: The item "group" is of type group, which takes no answer'],
    ],
    [
      'a display that is answered',
      [group(answer('display', { valueString: 'x' })), required],
      ['QR.item[0].item[0]: The item "display" is of type display, which takes no answer'],
    ],
  ])('%s', (_, items, said) => {
    expect(errorsOf(response(items))).toEqual(said);
  });

  test.each([
    ['in-progress', 'warning'],
    ['entered-in-error', 'warning'],
    ['stopped', 'warning'],
    ['completed', 'error'],
    ['amended', 'error'],
  ])('what is owed to a response that is %s is of severity %s', (status, severity) => {
    const owed = validator.validate(response([], { status })).filter(({ code }) => code === 'required');
    expect(owed.map((issue) => issue.severity)).toEqual([severity]);
  });
});

describe('enableWhen', () => {
  const x = { valueString: 'x' };
  const notEnabled = (linkId: string) => `is not enabled (enableWhen), so it cannot be answered|${linkId}`;
  test.each<[string, object[], string | undefined]>([
    [
      'an item is answered whose condition holds',
      [group(answer('boolean', { valueBoolean: true })), required, answer('when', x)],
      undefined,
    ],
    [
      'one whose condition does not hold',
      [group(answer('boolean', { valueBoolean: false })), required, answer('when', x)],
      'when',
    ],
    ['one whose question is not answered', [required, answer('unless', x)], 'unless'],
    [
      'one whose question has another answer than the one named',
      [group(answer('boolean', { valueBoolean: false })), required, answer('unless', x)],
      undefined,
    ],
    [
      'a number that is not above the one named',
      [group(answer('integer', { valueInteger: 5 })), required, answer('above', x)],
      'above',
    ],
    [
      'a number above it',
      [group(answer('integer', { valueInteger: 6 })), required, answer('above', x)],
      undefined,
    ],
    ['a question that is not answered at all', [required, answer('answered', x)], 'answered'],
    ['one that is', [group(answer('text', x)), required, answer('answered', x)], undefined],
    ['another code', [group(answer('choice', coding('b'))), required, answer('coded', x)], 'coded'],
    ['the code', [group(answer('choice', coding('a'))), required, answer('coded', x)], undefined],
    [
      'a quantity that is as much',
      [group(answer('quantity', quantity(5, 'kg'))), required, answer('heavy', x)],
      undefined,
    ],
    [
      'one that is less',
      [group(answer('quantity', quantity(4, 'kg'))), required, answer('heavy', x)],
      'heavy',
    ],
    [
      'of several questions the nearest counts',
      [
        required,
        { linkId: 'repeating', item: [answer('question', { valueBoolean: false })] },
        { linkId: 'repeating', item: [answer('question', { valueBoolean: true }), answer('detail', x)] },
      ],
      undefined,
    ],
    [
      'not one beside it',
      [
        required,
        { linkId: 'repeating', item: [answer('question', { valueBoolean: true })] },
        { linkId: 'repeating', item: [answer('question', { valueBoolean: false }), answer('detail', x)] },
      ],
      'detail',
    ],
  ])('%s', (_, items, linkId) => {
    const found = errorsOf(response(items)).map((line) =>
      line.replace(/^.*The item "(.*)" (is not .*)$/, '$2|$1'),
    );
    expect(found).toEqual(linkId === undefined ? [] : [notEnabled(linkId)]);
  });

  test('a required item is owed only where it is enabled', () => {
    expect(errorsOf(response([group(answer('boolean', { valueBoolean: true })), required]))).toEqual([
      'QR: The item "when" must be answered',
    ]);
  });
});

describe('the questionnaire of a response', () => {
  const other = { ...questionnaire, url: 'http://example.org/Questionnaire/other' };
  const owed = ['The item "required" must be answered'];
  const saidOf = (resource: Resource) => errorsOf(resource).map((line) => line.slice(line.indexOf(': ') + 2));

  test('can be contained in it', () => {
    const { contained: _, ...alone } = questionnaire;
    expect(saidOf(response([], { contained: [alone], questionnaire: '#q' }))).toEqual(owed);
  });

  test('can stand in the bundle around it', () => {
    const entry = [other, { ...response([], { questionnaire: other.url }), id: 'r' }].map((resource) => ({
      fullUrl: `http://example.org/fhir/${resource.resourceType}/${resource.id}`,
      resource,
    }));
    expect(saidOf({ resourceType: 'Bundle', type: 'collection', entry })).toEqual(owed);
  });

  test('where it is not at hand, that is said, and nothing more', () => {
    const issues = validator.validate(response([], { questionnaire: other.url }));
    expect(issues.filter(isError)).toEqual([]);
    expect(issues.map(({ text }) => text.en).join()).toContain('There is no questionnaire');
  });

  test('is no other resource', () => {
    const contained = [{ resourceType: 'Patient', id: 'p' }];
    expect(saidOf(response([], { contained, questionnaire: '#p' }))).toEqual([
      'This must be a Questionnaire, but #p is a Patient',
    ]);
  });
});

test.each<[string, object[], string | undefined]>([
  [
    'an item before it',
    [item('a', 'boolean'), item('b', 'string', enabledBy('a', '=', { answerBoolean: true }))],
    undefined,
  ],
  [
    'nothing',
    [item('b', 'string', enabledBy('a', '=', { answerBoolean: true }))],
    'error: The questionnaire has no item "a", which enables this one',
  ],
  [
    'itself',
    [item('b', 'string', enabledBy('b', '=', { answerBoolean: true }))],
    'error: The item "b" cannot be enabled by itself',
  ],
  [
    'an item inside of it',
    [item('b', 'group', enabledBy('a', '=', { answerBoolean: true }, { item: [item('a', 'boolean')] }))],
    'error: The item "a", which enables this one, stands inside of it',
  ],
  [
    'a later one',
    [item('b', 'string', enabledBy('a', '=', { answerBoolean: true })), item('a', 'boolean')],
    'warning: The item "a", which enables this one, comes after it',
  ],
])('an item of a questionnaire that is enabled by %s', (_, items, said) => {
  const issues = validator.validate({
    resourceType: 'Questionnaire',
    name: 'Q',
    status: 'active',
    item: items,
  });
  expect(
    issues.map(({ severity, text }) => `${severity}: ${text.en}`).filter((line) => !line.includes('dom-6')),
  ).toEqual(said === undefined ? [] : [said]);
});
