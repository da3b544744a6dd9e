import { describe, expect, test } from '@jest/globals';
import request from 'supertest';
import { type Place, placesOf as search } from '../../src/guide/browser/matching.js';
import { languages } from '../../src/guide/pages/language.ts';
import { site } from '../../src/guide/pages/site.ts';
import { readSource } from '../../src/guide/pages/source.ts';
import { steps } from '../../src/referral/workflow/steps.ts';
import { secure } from '../environment/access.ts';
import { onEachEngine } from '../environment/server.ts';

const source = readSource();
const files = await site('/fhir', source);
const pages = [...files].filter(([, { type }]) => type === 'text/html');
const textOf = (address: string) => files.get(address)!.text;

describe('the guide as pages', () => {
  test('each link leads to a place that is there', () => {
    const elsewhere = /^\/(?:fhir\/|docs\/api$|docs\/favicon)/;
    for (const [address, { text }] of pages) {
      for (const [, link] of text.matchAll(/(?:href|src)="([^"]*)"/g)) {
        const [path, anchor] = link!.split('#');
        if (elsewhere.test(path!)) continue;
        const file = files.get(path || address);
        expect([address, link, file !== undefined]).toEqual([address, link, true]);
        if (anchor) expect([link, file!.text.includes(`id="${anchor}"`)]).toEqual([link, true]);
      }
    }
  });

  test('no page has a script or a style of its own, which the policy would not let run', () => {
    for (const [address, { text }] of pages)
      expect([address, /<script(?! type="module" src=)|<style| style=| on\w+="/.exec(text)]).toEqual([
        address,
        null,
      ]);
  });

  test('no id is there twice on a page', () => {
    for (const [address, { text }] of pages) {
      const ids = [...text.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
      expect([address, ids.filter((id, at) => ids.indexOf(id) !== at)]).toEqual([address, []]);
    }
  });

  test.each(languages)('has each rule, step, profile, operation and example (%s)', (language) => {
    const rules = source.find('PlanDefinition', 'referral-rules')!.action as { id: string }[];
    expect(rules.length).toBeGreaterThan(50);
    for (const { id } of rules) expect(textOf(`/docs/${language}/rules`)).toContain(`id="${id}"`);
    for (const { name } of steps) expect(textOf(`/docs/${language}/workflow`)).toContain(`id="${name}"`);
    for (const { id } of source.resources('StructureDefinition'))
      expect(files.has(`/docs/${language}/profiles/${id}`)).toBe(true);
    for (const { code } of source.resources('OperationDefinition'))
      expect(textOf(`/docs/${language}/operations`)).toContain(`<code>$${code}</code>`);
    for (const { name, text } of source.examples) {
      expect(files.has(`/docs/${language}/examples/${name}`)).toBe(true);
      expect(textOf(`/docs/files/examples/${name}.json`)).toBe(text);
    }
  });

  test('a rule comes with its sentence, numbers filled in, its source, and the example that breaks it', () => {
    const told = (language: string, id: string) =>
      new RegExp(`<section class="rule" id="${id}">.*?</section>`, 's').exec(
        textOf(`/docs/${language}/rules`),
      )![0];
    expect(told('zh', 'up-htn-urgent')).toContain('血压≥180和/或110mmHg');
    expect(told('en', 'up-htn-urgent')).toContain('BP &gt;=180 and/or &gt;=110');
    for (const language of languages) {
      expect(told(language, 'up-htn-urgent')).toContain('国家基本公卫规范(第三版) 高血压');
      expect(told(language, 'up-htn-urgent')).toContain('examples/invalid/02-severe-hypertension-routine"');
      expect(/<h3>[^\n]*\{\{%/.exec(textOf(`/docs/${language}/rules`))).toBeNull();
    }
  });

  test('what a page is about is said in its language', () => {
    for (const [address, { text }] of pages) {
      const [, title] = /<h1>(.*?)<\/h1>/.exec(text)!;
      const language = /[\p{Script=Han}]{2}/u.test(title!.replace(/\(.*?\)/g, '')) ? 'zh' : 'en';
      expect([address, title, language]).toEqual([address, title, address.split('/')[2]]);
    }
  });

  test('what searching leads to is there, and rules, steps, codes and elements are found by their words', () => {
    const placesOf = (language: string, query: string) => {
      const places = JSON.parse(textOf(`/docs/files/places-${language}.json`)) as Place[];
      for (const [, , address] of places) {
        const [path, anchor] = address.split('#');
        const isThere = anchor ? files.get(path!)?.text.includes(`id="${anchor}"`) : files.has(path!);
        expect([address, isThere]).toEqual([address, true]);
      }
      return search(places, query).map(([, , address]) => address);
    };
    expect(placesOf('en', 'acknowledge')[0]).toBe('/docs/en/workflow#acknowledge');
    expect(placesOf('en', 'hypertension routine')).toContain(
      '/docs/en/examples/invalid/02-severe-hypertension-routine',
    );
    expect(placesOf('en', 'bypass reason')).toContain('/docs/en/profiles/referral');
    expect(placesOf('zh', '绿色通道 急诊')).toContain('/docs/zh/rules#sr-green-channel');
    expect(placesOf('zh', 'gxyjzzz')).toContain(
      '/docs/zh/terminology/CodeSystem-referral-indication#up-htn-emergency',
    );
  });

  test('the states that the table has are in the diagram, and an arrow for each step between statuses', () => {
    const [diagram] = /<svg.*?<\/svg>/s.exec(textOf('/docs/en/workflow'))!;
    for (const state of new Set(steps.flatMap(({ from, to }) => [...from, ...to])))
      expect(diagram).toContain(`>${state.split(':')[0]}</text>`);
    expect(diagram).toContain('>Acknowledge</text>');
    expect(diagram.match(/class="arrow"/g)!.length).toBeGreaterThan(20);
  });
});

onEachEngine((server) => {
  const root = () => request(new URL(server.base).origin);

  test.each([
    ['zh-CN,zh;q=0.9,en;q=0.8', 'zh'],
    ['en-GB,en;q=0.9', 'en'],
    ['de', 'en'],
    [undefined, 'zh'],
  ])('who prefers %s is led to the pages in %s', async (accept, language) => {
    const { headers } = await root()
      .get('/docs')
      .set(accept === undefined ? {} : { 'Accept-Language': accept })
      .expect(302)
      .expect('Location', `/docs/${language}`);
    expect(headers.vary).toContain('Accept-Language');
  });

  test('with access control on, strangers read the guide; a browser asks again only whether it has changed', async () => {
    await server.get('/Patient').expect(401);
    const { text, headers } = await root().get('/docs/zh/rules').expect(200).expect('Content-Type', /html/);
    expect(text).toBe(textOf('/docs/zh/rules'));
    expect(headers['content-security-policy']).toContain("default-src 'none'; script-src 'self'");
    await root().get('/docs/zh/rules').set('If-None-Match', headers.etag!).expect(304);
    const { text: plain } = await root().get('/docs/zh/rules').set('Accept-Encoding', 'identity');
    expect(plain).toBe(text);
  });

  test('what is not there is said on a page of the language, and no other file is given out', async () => {
    const { text } = await root().get('/docs/en/rules/none').expect(404).expect('Content-Type', /html/);
    expect(text).toContain('There is no such page');
    for (const path of ['/docs/files/thread.ts', '/docs/files/..%2fguide.ts', '/docs/files/examples/x.json'])
      await root().get(path).expect(404);
  });
}, secure);
