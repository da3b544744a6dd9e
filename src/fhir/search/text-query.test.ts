import { describe, expect, test } from '@jest/globals';
import { found, refusalOf } from '../../../test/environment/search.ts';
import type { Resource } from '../resource.ts';
import { wordsIn } from './words.ts';

/** http://hl7.org/fhir/R4/search.html#text */
const condition = (id: string, narrative: string, note = ''): Resource => ({
  resourceType: 'Condition',
  id,
  text: { status: 'generated', div: `<div xmlns="http://www.w3.org/1999/xhtml"><p>${narrative}</p></div>` },
  note: [{ text: note }],
});

const bone = condition('bone', 'Cancer of the <b>bone</b> with metastases');
const liver = condition('liver', 'Metastases &amp; a tumour of the LIVER');
const noted = condition('noted', 'Nothing', 'metastases in the bone');
const chinese = condition('chinese', '患者近三日反复头痛,伴恶心呕吐', '建议做B超及CT检查,排除脑出血。');
const all = [bone, liver, noted, chinese];

describe('_text searches the narrative, _content all of the resource', () => {
  test.each([
    ['the example', '_text=(bone OR liver) and metastases', ['bone', 'liver']],
    ['words in any order and case', '_text=METASTASES cancer', ['bone']],
    ['not the tags', '_text=div', []],
    ['nor the rest', '_text=hl7', []],
    ['the narrative alone', '_text=bone', ['bone']],
    ['everything', '_content=bone', ['bone', 'noted']],
    ['the narrative is part of the content', '_content=cancer', ['bone']],
    ['NOT', '_content=bone NOT cancer', ['noted']],
    ['OR binds less than AND', '_text=cancer bone OR liver', ['bone', 'liver']],
    ['words in quotes', '_text="the bone"', ['bone']],
    ['accents', '_text=tumoür', ['liver']],
    ['a Chinese word inside of a sentence', '_text=头痛', ['chinese']],
    ['another one', '_text=恶心呕吐', ['chinese']],
    ['two of them', '_text=恶心 头痛', ['chinese']],
    ['one that is not there', '_text=腹痛', []],
    ['characters that are there, but not together', '_text=头吐', []],
    ['one of the rest', '_content=脑出血', ['chinese']],
    ['mixed with letters', '_content=B超', ['chinese']],
    ['mixed with letters', '_content=CT检查', ['chinese']],
    ['full-width letters', '_content=ＣＴ', ['chinese']],
  ])('%s: %s', (_, query, ids) => {
    expect(found(`Condition?${query}`, all)).toEqual(ids);
  });

  test.each([
    ['_text=(bone', 'a ")" is missing'],
    ['_text=bone)', 'is not expected'],
    ['_text=bone OR', 'a word is missing'],
    ['_text=...', 'is no word'],
    ['_text=痛', 'give two characters or more'],
    [`_text=${'('.repeat(50)}a`, 'nested deeper'],
    [`_text=${'a '.repeat(500)}`, 'more than 200 words'],
    ['_text:exact=bone', 'does not support the modifier :exact'],
  ])('%s is refused', (query, text) => {
    expect(refusalOf(`Condition?${query}`)).toContain(text);
  });
});

test('the words of a text', () => {
  expect(wordsIn('Hello, Wörld 42')).toEqual(['hello', 'world', '42']);
  expect(new Set(wordsIn('做B超检查'))).toEqual(new Set(['做', 'b', '超', '查', '超检', '检查']));
});
