import { inflateSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { inFont } from './characters.ts';
import { drawSheet } from './draw.ts';
import { loadFont } from './font.ts';
import { createPrinter } from './printer.ts';
import { typeset } from './typeset.ts';

const font = await loadFont();

const sheet = (name: string, text?: string) => ({
  title: '双向转诊(转出)单',
  number: 'YAQS202611160017',
  corner: [{ label: '转诊单编号', value: 'YAQS202611160017' }],
  parts: [
    {
      heading: '存根',
      lines: [
        { kind: 'row' as const, fields: [{ label: '患者姓名', value: name }] },
        { kind: 'section' as const, label: '主要既往史', text },
      ],
    },
  ],
  made: Date.parse('2026-11-16T09:40:00+08:00'),
});

/** The characters that the text of a PDF can be read as again, by its maps of glyphs to Unicode. */
function charactersIn(pdf: Buffer): string {
  const text = pdf.toString('latin1');
  const streams = [...text.matchAll(/\/FlateDecode[\s\S]*?stream\r?\n([\s\S]*?)\r?\nendstream/g)].map(
    ([, data]) => {
      try {
        return inflateSync(Buffer.from(data!, 'latin1')).toString('latin1');
      } catch {
        return '';
      }
    },
  );
  const maps = streams.filter((stream) => stream.includes('beginbfrange'));
  const lists = maps.flatMap((map) => [...map.matchAll(/\[([^\]]*)\]/g)].map(([, list]) => list!));
  return lists
    .flatMap((list) => [...list.matchAll(/<([0-9a-f]{4,})>/gi)])
    .map(([, hex]) => Buffer.from(hex!, 'hex').swap16().toString('utf16le'))
    .join('');
}

const pagesOf = (pdf: Buffer) => [...pdf.toString('latin1').matchAll(/\/Type \/Page\b/g)].length;

describe('a PDF', () => {
  test('is one page with its font within, of which only the characters that occur', async () => {
    const pdf = await drawSheet(sheet('王秀兰'), font);
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
    expect(pdf.toString('latin1')).toContain('/FontFile2');
    expect(pagesOf(pdf)).toBe(1);
    expect(pdf.length).toBeLessThan(100_000);
    for (const character of '王秀兰患者姓名') expect(charactersIn(pdf)).toContain(character);
  });

  test('of the same paper is the same', async () => {
    const [one, other] = [await drawSheet(sheet('王秀兰'), font), await drawSheet(sheet('王秀兰'), font)];
    expect(one.equals(other)).toBe(true);
  });

  test('keeps the names of minorities and rare characters', async () => {
    const pdf = await drawSheet(sheet('买买提·吐尔逊 喆㙍䶮'), font);
    for (const character of '买提·吐尔逊喆㙍䶮') expect(charactersIn(pdf)).toContain(character);
  });

  test('goes on to further pages, and ends', async () => {
    const pdf = await drawSheet(sheet('王秀兰', '高血压病史8年。'.repeat(500)), font);
    expect(pagesOf(pdf)).toBeGreaterThan(1);
    expect(pagesOf(pdf)).toBeLessThan(10);
  });

  test('is made beside the thread that serves, one after the other', async () => {
    const printer = createPrinter();
    try {
      const names = ['王秀兰', '刘国强', '郑玉芬'];
      const printed = await Promise.all(names.map((name) => printer.print(sheet(name))));
      for (const [index, name] of names.entries()) {
        for (const character of name) expect(charactersIn(printed[index]!)).toContain(character);
      }
    } finally {
      await printer.stop();
    }
  });

  test('is refused with 503 when too many wait', async () => {
    const printer = createPrinter();
    const asked = Array.from({ length: 60 }, () => printer.print(sheet('王秀兰')));
    const outcomes = Promise.allSettled(asked);
    await printer.stop();
    const refused = (await outcomes).map((outcome) => outcome.status === 'rejected' && outcome.reason.status);
    expect(new Set(refused)).toEqual(new Set([503]));
  });
});

describe('a character that the font has not', () => {
  test('is told by its code', () => {
    expect(inFont('𠮷野', font.hasCharacter)).toBe('〔U+20BB7〕野');
  });

  test('and nothing is lost of any text', () => {
    const has = (codePoint: number) => codePoint >= 0x20 && codePoint < 0x7f;
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', ' ', '中', '𠮷', '\n') }), (text) => {
        const shown = inFont(text, has);
        const back = shown.replace(/〔U\+([0-9A-F]+)〕/g, (_, hex) =>
          String.fromCodePoint(parseInt(hex, 16)),
        );
        expect(back).toBe(text);
      }),
    );
  });
});

describe('lines', () => {
  const measure = (text: string) => [...text].length;
  const linesOf = (text: string, width: number) =>
    typeset([{ text, isFilled: false }], width, measure).map(({ stretches }) =>
      stretches.map((stretch) => stretch.text).join(''),
    );

  test('do not begin with a full stop, and do not break a number', () => {
    expect(linesOf('血压仍不达标。请评估', 6)).toEqual(['血压仍不达', '标。请评估']);
    expect(linesOf('收缩压162次', 5)).toEqual(['收缩压', '162次']);
  });

  test('hold every character, and none is longer than it may be', () => {
    const texts = fc.string({
      unit: fc.constantFrom('a', '1', ' ', '中', '。', '(', ')', ','),
      maxLength: 60,
    });
    fc.assert(
      fc.property(texts, fc.integer({ min: 2, max: 12 }), (text, width) => {
        const lines = linesOf(text, width);
        expect(lines.join('')).toBe(text);
        for (const line of lines) expect(measure(line)).toBeLessThanOrEqual(width);
      }),
    );
  });
});
