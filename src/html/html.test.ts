import { expect, test } from '@jest/globals';
import { html } from './html.ts';

test('a text stands for itself, wherever it comes from', () => {
  const name = `<script>alert("1")</script> & '李'`;
  expect(html`<p title="${name}">${name}</p>`.text).toBe(
    '<p title="&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;李&#39;">' +
      '&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;李&#39;</p>',
  );
});

test('pieces, lists and numbers stand in it, and nothing for what is not there', () => {
  const items = ['a', 'b<'].map((each) => html`<li>${each}</li>`);
  expect(html`<ul>${items}</ul>${3}${undefined}${false}`.text).toBe('<ul><li>a</li><li>b&lt;</li></ul>3');
});
