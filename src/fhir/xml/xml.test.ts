import { describe, expect, test } from '@jest/globals';
import { loadDefinitions } from '../definitions/definitions.ts';
import { Refusal } from '../refusal.ts';
import { layoutsOf } from './layout.ts';
import { readXml } from './read.ts';
import { writeXml } from './write.ts';

const layouts = layoutsOf(loadDefinitions());
const read = (xml: string, depth = 30) => readXml(Buffer.from(xml), layouts, depth);
const json = (xml: string) => JSON.parse(read(xml));
const write = (resource: object | string) =>
  writeXml(typeof resource === 'string' ? resource : JSON.stringify(resource), layouts).replace(
    '<?xml version="1.0" encoding="UTF-8"?>',
    '',
  );
const patient = (content: string) => `<Patient xmlns="http://hl7.org/fhir">${content}</Patient>`;
const div = (content: string) => `<div xmlns="http://www.w3.org/1999/xhtml">${content}</div>`;

function refusalOf(xml: string | Uint8Array, depth = 30): Refusal {
  try {
    readXml(Buffer.from(xml), layouts, depth);
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  throw new Error('It was taken');
}

describe('what JSON says, XML says', () => {
  test.each<[string, object | string, string]>([
    [
      'elements in the order of the definition, whatever that of JSON',
      { gender: 'male', active: true, name: [{ family: '张', given: ['三', '小三'] }], id: 'a' },
      '<id value="a"/><active value="true"/><name><family value="张"/><given value="三"/><given value="小三"/></name><gender value="male"/>',
    ],
    [
      'an extension and an id of a value',
      {
        birthDate: '1962',
        _birthDate: {
          id: 'b',
          extension: [{ valueBoolean: false, url: 'http://example.org/estimated' }],
        },
      },
      '<birthDate id="b" value="1962"><extension url="http://example.org/estimated"><valueBoolean value="false"/></extension></birthDate>',
    ],
    [
      'values that repeat, some of them missing',
      {
        name: [
          {
            given: ['甲', null, '丙'],
            _given: [null, { extension: [{ url: 'http://example.org/masked', valueCode: 'yes' }] }, null],
          },
        ],
      },
      '<name><given value="甲"/><given><extension url="http://example.org/masked"><valueCode value="yes"/></extension></given><given value="丙"/></name>',
    ],
    [
      'contained resources',
      {
        contained: [
          { resourceType: 'Organization', id: 'o' },
          { resourceType: 'Practitioner', id: 'p' },
        ],
        managingOrganization: { reference: '#o' },
      },
      '<contained><Organization><id value="o"/></Organization></contained><contained><Practitioner><id value="p"/></Practitioner></contained><managingOrganization><reference value="#o"/></managingOrganization>',
    ],
    [
      'a narrative as it was written',
      {
        text: {
          status: 'generated',
          div: `<div xmlns="http://www.w3.org/1999/xhtml" lang='zh'>\n<b>高&amp;血压</b><br/>&#160;<!-- 𠮷 --></div>`,
        },
      },
      `<text><status value="generated"/><div xmlns="http://www.w3.org/1999/xhtml" lang='zh'>\n<b>高&amp;血压</b><br/>&#160;<!-- 𠮷 --></div></text>`,
    ],
    [
      'lines, tabs, quotes and signs',
      { name: [{ text: '一\n二\t"三" <四> & \'五\'\r𠮷' }] },
      `<name><text value="一&#xA;二&#x9;&quot;三&quot; &lt;四&gt; &amp; '五'&#xD;𠮷"/></name>`,
    ],
    [
      'decimals digit for digit',
      '{"resourceType":"Patient","extension":[{"url":"a","valueDecimal":1.50},{"url":"b","valueDecimal":1e3},{"url":"c","valueDecimal":-0.00000001234567890123456789}]}',
      '<extension url="a"><valueDecimal value="1.50"/></extension><extension url="b"><valueDecimal value="1e3"/></extension><extension url="c"><valueDecimal value="-0.00000001234567890123456789"/></extension>',
    ],
  ])('%s', (_, resource, content) => {
    const given =
      typeof resource === 'string' ? resource : JSON.stringify({ resourceType: 'Patient', ...resource });
    expect(write(given)).toBe(patient(content));
    expect(JSON.parse(read(patient(content)))).toEqual(JSON.parse(given));
    expect(write(read(patient(content)))).toBe(patient(content));
  });

  test('resources in the entries of a bundle, with their answers', () => {
    const bundle = {
      resourceType: 'Bundle',
      type: 'batch-response',
      entry: [
        { resource: { resourceType: 'Patient', id: 'a' } },
        { response: { status: '404', outcome: { resourceType: 'OperationOutcome', id: 'o' } } },
      ],
    };
    expect(json(write(bundle))).toEqual(bundle);
  });

  test('the one element whose name is resourceType', () => {
    const scenario = {
      resourceType: 'ExampleScenario',
      status: 'draft',
      instance: [{ resourceId: 'r', resourceType: 'Patient' }],
    };
    expect(json(write(scenario))).toEqual(scenario);
  });

  test('indented for people, with narratives untouched', () => {
    const resource = { resourceType: 'Patient', id: 'a', text: { status: 'empty', div: div('\n <p>a</p>') } };
    const xml = writeXml(JSON.stringify(resource), layouts, true);
    expect(xml).toBe(
      `<?xml version="1.0" encoding="UTF-8"?>
<Patient xmlns="http://hl7.org/fhir">
  <id value="a"/>
  <text>
    <status value="empty"/>
    ${div('\n <p>a</p>')}
  </text>
</Patient>
`,
    );
    expect(json(xml)).toEqual(resource);
  });
});

describe('XML as other programs write it', () => {
  test('with prefixes, a narrative then written anew', () => {
    const xml = `<f:Patient xmlns:f="http://hl7.org/fhir" xmlns:h="http://www.w3.org/1999/xhtml">
      <f:text><f:status value="generated"/><h:div title="&quot;a&quot;"><h:p xml:lang="zh">张 &lt; 李<![CDATA[ & 王]]></h:p><h:br/></h:div></f:text>
    </f:Patient>`;
    expect(json(xml)).toEqual({
      resourceType: 'Patient',
      text: {
        status: 'generated',
        div: div('<p xml:lang="zh">张 &lt; 李 &amp; 王</p><br/>').replace('>', ' title="&quot;a&quot;">'),
      },
    });
  });

  test('with a mark before it, comments, instructions, the place of a schema, and the line ends of Windows', () => {
    const xml = `\ufeff<?xml version="1.0" encoding="utf-8"?>\r\n<?xml-stylesheet href="a.xsl"?>\r\n<!-- a -->
<Patient xmlns="http://hl7.org/fhir" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://hl7.org/fhir fhir-all.xsd">\r
  <id value="a"><!-- b --></id><?c d?>\r\n</Patient>\r\n`;
    expect(json(xml)).toEqual({ resourceType: 'Patient', id: 'a' });
  });
});

describe('what is refused, with the line and the column where it stands', () => {
  const entities = Array.from({ length: 30 }, (_, n) => `<!ENTITY e${n + 1} "&e${n};&e${n};">`).join('');
  test.each<[string, string, string]>([
    ['nothing', '', 'too soon'],
    ['no XML', '{"resourceType":"Patient"}', 'line 1'],
    ['an element that is not closed', patient('<active value="true">'), 'no start tag'],
    ['an element that ends too soon', '<Patient xmlns="http://hl7.org/fhir"><active', 'too soon'],
    ['two roots', patient('') + patient(''), 'outside of the root'],
    ['text after the root', `${patient('')}张三`, 'outside of the root'],
    ['an attribute twice', patient('<id value="a" value="b"/>'), 'line 1, column'],
    ['a control character', patient('<id value="\u0001"/>'), 'does not allow'],
    ['an entity of HTML', patient('<id value="&nbsp;"/>'), 'unknown entity'],
    ['the number of no character', patient('<id value="&#0;"/>'), 'unknown entity'],
    ['an entity that grows', `<!DOCTYPE a [<!ENTITY e0 "a">${entities}]>${patient('')}`, 'DOCTYPE'],
    [
      'an entity from outside',
      `<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]>${patient('<id value="&e;"/>')}`,
      'DOCTYPE',
    ],
    ['a definition from outside', `<!DOCTYPE a SYSTEM "http://example.org/a.dtd">${patient('')}`, 'DOCTYPE'],
    ['another encoding', `<?xml version="1.0" encoding="GB18030"?>${patient('')}`, 'GB18030'],
    ['no namespace', '<Patient/>', 'must be of the namespace http://hl7.org/fhir'],
    ['another namespace', '<Patient xmlns="urn:hl7-org:v3"/>', 'must be of the namespace'],
    ['a prefix without namespace', '<f:Patient/>', 'not declared'],
    ['what is no resource', '<HumanName xmlns="http://hl7.org/fhir"/>', '<HumanName> is no resource'],
    [
      'an unknown element',
      patient('\n  <nme value="a"/>'),
      'line 2, column 3: <Patient> has no element <nme>',
    ],
    ['an attribute as an element', patient('<extension><url value="a"/></extension>'), 'no element <url>'],
    ['an unknown attribute', patient('<id value="a" vlaue="b"/>'), '<id> has no attribute vlaue'],
    ['the value of what has none', patient('<name value="张三"/>'), '<name> has no attribute value'],
    ['elements out of order', patient('<gender value="male"/><active value="true"/>'), 'before <gender>'],
    ['a single element twice', patient('<active value="true"/><active value="true"/>'), 'occurs twice'],
    ['an empty value', patient('<active/>'), '<active> is empty'],
    ['an empty element', patient('<name/>'), '<name> is empty'],
    ['text', patient('<name><family>张</family></name>'), 'text in <family>'],
    ['text in CDATA', patient('<![CDATA[a]]>'), 'text in <Patient>'],
    ['what is no truth', patient('<active value="1"/>'), 'true or false'],
    ['what is no number', patient('<multipleBirthInteger value="0x1"/>'), 'is no number'],
    ['a number that JSON cannot say', patient('<multipleBirthInteger value="01"/>'), 'is no number'],
    ['a number without end', patient(`<multipleBirthInteger value="${'1'.repeat(99_999)}"/>`), 'no number'],
    ['an empty holder', patient('<contained/>'), 'one resource'],
    ['two in one holder', patient('<contained><Group/><Group/></contained>'), 'one resource'],
    ['a narrative of no namespace', patient('<text><status value="empty"/><div/></text>'), '1999/xhtml'],
    [
      'an element of FHIR in a narrative',
      patient(`<text>${div('<p xmlns="http://hl7.org/fhir"/>')}</text>`),
      'a narrative cannot have <p>',
    ],
  ])('%s', (_, xml, problem) => {
    const refusal = refusalOf(xml);
    expect(refusal.message).toContain(problem);
    expect(refusal.message).toMatch(/line \d+, column \d+/);
    expect(refusal.status).toBe(400);
  });

  test('what is not UTF-8', () => {
    expect(refusalOf(Uint8Array.of(0x3c, 0xc4, 0xe3, 0x3e)).message).toContain('UTF-8');
    expect(refusalOf(Buffer.from(`\ufeff${patient('')}`, 'utf16le')).message).toContain('UTF-8');
  });

  test('what is told does not quote values, which may name a patient', () => {
    for (const xml of [
      patient('<active value="张三"/>'),
      patient('张三'),
      patient('<id value="张三'),
      '张三',
    ])
      expect(refusalOf(xml).message).not.toContain('张三');
  });

  const nested = (levels: number) =>
    patient(`${'<extension url="a">'.repeat(levels)}<valueCode value="a"/>${'</extension>'.repeat(levels)}`);
  test('what would be nested deeper in JSON than is allowed, as JSON is', () => {
    // The resource, and a list and an object for each extension.
    expect(json(nested(10)).extension).toHaveLength(1);
    expect(read(nested(10), 21)).toContain('valueCode');
    expect(refusalOf(nested(10), 20).message).toContain('deeper than 20');
    expect(refusalOf(patient(`<text>${div('<b>'.repeat(30))}</text>`)).message).toContain('deeper than 30');
  });

  test.each<[string, () => string, number]>([
    ['depth', () => '<a>'.repeat(100_000), 400],
    ['a resource without bottom', () => patient('<extension url="a">'.repeat(100_000)), 400],
    ['elements without end', () => patient(`<name>${'<given value="a"/>'.repeat(510_000)}</name>`), 413],
    [
      'attributes without end',
      () => `<Patient ${Array.from({ length: 100_000 }, (_, n) => `a${n}=""`).join(' ')}/>`,
      400,
    ],
    ['a name without end', () => `<${'a'.repeat(5_000_000)}/>`, 400],
    ['an entity without end', () => patient(`<id value="&${'a'.repeat(5_000_000)};"/>`), 400],
    ['text without end', () => patient('a'.repeat(5_000_000)), 400],
    ['a definition without end', () => `<!DOCTYPE ${'<!ENTITY a "b">'.repeat(300_000)}`, 400],
  ])('%s, soon', (_, xml, status) => {
    const text = xml();
    const began = performance.now();
    const refusal = refusalOf(text);
    expect(performance.now() - began).toBeLessThan(15_000);
    expect(refusal.status).toBe(status);
    expect(refusal.message.length).toBeLessThan(300);
  });

  test('a long value is none of that: pictures are', () => {
    const data = 'QUJD'.repeat(1_000_000);
    expect(
      json(
        `<Binary xmlns="http://hl7.org/fhir"><contentType value="image/png"/><data value="${data}"/></Binary>`,
      ).data,
    ).toBe(data);
  });
});
