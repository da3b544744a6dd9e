import { describe, expect, test } from '@jest/globals';
import { checkNarrative } from './narrative.ts';
import { Place } from './place.ts';
import { Report } from './report.ts';

const div = (content: string) => `<div xmlns="http://www.w3.org/1999/xhtml">${content}</div>`;

function problems(text: string): string[] {
  const report = new Report(new Place(), 10);
  checkNarrative(text, report);
  return report.issues.map((issue) => issue.text.en);
}

describe('narratives', () => {
  test.each([
    ['text', div('双向转诊单')],
    ['formatting', div('<p class="note">a<br/><b>b</b> &amp; &#x4e2d;&#160;</p><!-- note -->')],
    ['a table', div('<table border="1"><tr><td colspan="2">170/105</td></tr></table>')],
    ['an image alone', div('<img src="#chart" alt="chart"/>')],
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

  test('markup that is made to be slow is judged at once', () => {
    const started = performance.now();
    problems(div('<p '.repeat(50_000)));
    problems(div(`<p ${'a="b" '.repeat(20_000)}`));
    expect(performance.now() - started).toBeLessThan(2000);
  });
});
