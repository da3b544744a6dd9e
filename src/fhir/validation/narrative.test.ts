import { describe, expect, test } from '@jest/globals';
import { loadDefinitions } from '../definitions/definitions.ts';
import { createValidator } from './validator.ts';

const validator = createValidator(loadDefinitions());

const div = (content: string) => `<div xmlns="http://www.w3.org/1999/xhtml">${content}</div>`;

function problems(text: string, more: object = {}): string[] {
  const patient = { resourceType: 'Patient', text: { status: 'generated', div: text }, ...more };
  return validator.validateBase(patient).map((issue) => issue.text.en);
}

describe('narratives', () => {
  test.each([
    ['text', div('双向转诊单')],
    ['formatting', div('<p class="note">a<br/><b>b</b> &amp; &#x4e2d;&#160;</p><!-- note -->')],
    ['a table', div('<table border="1"><tr><td colspan="2">170/105</td></tr></table>')],
    ['an image alone', div('<img src="chart.png" alt="chart"/>')],
    ['a link within it', div('<p id="x">a</p><a href="#x">b</a> <a name="y">c</a><a href="#y">d</a>')],
    ['a link', div('<a href="Patient/1">张三</a>')],
    ['a > inside an attribute', div('<p title="a > b">x</p>')],
  ])('%s is accepted', (_, text) => {
    expect(problems(text)).toEqual([]);
  });

  test.each([
    ['a script', div('<script>alert(1)</script>'), 'txt-1'],
    ['an event handler', div('<p onclick="x()">a</p>'), 'txt-1'],
    ['a form', div('<form>姓名 <input type="text"/></form>'), 'txt-1'],
    ['an active link', div('<a href=" javascript:x()">a</a>'), 'txt-1'],
    ['an active style', div('<p style="width: expression(alert(1))">a</p>'), 'txt-1'],
    ['nothing but space', div('  <p> </p>\n'), 'txt-2'],
    ['no namespace', '<div>a</div>', 'well-formed'],
    ['another root', '<p xmlns="http://www.w3.org/1999/xhtml">a</p>', 'well-formed'],
    ['an open element', div('<p>a'), 'well-formed'],
    ['crossed elements', div('<b><i>a</b></i>'), 'well-formed'],
    ['an attribute without quotes', div('<p class=x>a</p>'), 'well-formed'],
    ['a stray ampersand', div('a & b'), 'well-formed'],
    ['text behind it', `${div('a')}b`, 'well-formed'],
    ['no end', '<div xmlns="http://www.w3.org/1999/xhtml">a', 'well-formed'],
  ])('%s is refused', (_, text, expected) => {
    expect(problems(text)).toEqual([expect.stringContaining(expected)]);
  });

  test.each([
    ['an anchor that is not there', div('<a href="#nowhere">a</a>')],
    ['nothing', div('<a href="">a</a>')],
    ['a name', div('<a href="urn:isbn:9787117">a</a>')],
    ['an image that is not there', div('<img src="#nowhere" alt="x"/>')],
  ])('a link to %s is told', (_, text) => {
    expect(problems(text)).toEqual([expect.stringMatching(/leads nowhere|is not there/)]);
  });

  test('a link leads to an element by its id, and to what is contained, which is referred to by it', () => {
    expect(problems(div('<a href="#name">a</a>'), { name: [{ id: 'name', text: '王秀兰' }] })).toEqual([]);
    const contained = [{ resourceType: 'Binary', id: 'chart', contentType: 'image/png', data: 'AAAA' }];
    expect(problems(div('<img src="#chart" alt="x"/>'), { contained })).toEqual([]);
  });

  test('markup that is made to be slow is judged at once', () => {
    const started = performance.now();
    problems(div('<p '.repeat(50_000)));
    problems(div(`<p ${'a="b" '.repeat(20_000)}`));
    expect(performance.now() - started).toBeLessThan(2000);
  });
});
