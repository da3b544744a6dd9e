import { beforeAll, describe, expect, test } from '@jest/globals';
import request from 'supertest';
import type { Element } from '../../src/fhir/resource.ts';
import { onEachEngine } from '../environment/server.ts';
import { type TownshipRow, townshipRow } from './intake-rows.ts';
import { example } from './referrals.ts';

const canonical = 'https://w3id.org/zhuanzhen';
const township = 'Organization/qingshi-health-centre';
const columns = `${canonical}/CodeSystem/intake-column`;
const fields = `${canonical}/CodeSystem/intake-field`;

/** A ConceptMap of a vendor, active unless it says otherwise. */
const conceptMap = (id: string, group: Element[], more: Element = {}) => ({
  resourceType: 'ConceptMap',
  id,
  url: `urn:uuid:00000000-0000-4000-8000-${id.length.toString().padStart(12, '0')}`,
  status: 'active',
  group,
  ...more,
});
const column = (code: string, target: string) => ({
  code,
  target: [{ code: target, equivalence: 'equivalent' }],
});

onEachEngine((server) => {
  const send = (row: TownshipRow, query = '', actor = township) =>
    request(new URL(server.base).origin)
      .post(`/intake/referrals${query}`)
      .set('X-Acting-Organization', actor)
      .send(row);
  /** The row with one of its columns called otherwise. */
  const renamed = (row: TownshipRow, from: string, to: string): TownshipRow =>
    Object.fromEntries(Object.entries(row).map(([name, cell]) => [name === from ? to : name, cell]));

  beforeAll(async () => {
    await server.post('/', example('community')).expect(200);
  });

  describe('a mapping that is stored', () => {
    test('adds names of columns and codes, which hold at once and go when it is deleted', async () => {
      const row = { ...renamed(townshipRow(), '转诊诊断', 'DIAG_TXT'), 性别: undefined, SEXCODE: 'W' };
      const { 身份证号: id } = row as unknown as { 身份证号: string };
      const code = Number(id[16]) % 2 === 1 ? 'male' : 'female';
      delete (row as TownshipRow).性别;
      delete (row as TownshipRow).转诊诊断编码;
      await send(row, '?dry-run=true')
        .expect(200)
        .expect(({ body }) => expect(body.refused).toBe(1));

      const map = conceptMap('vendor', [
        {
          source: columns,
          target: fields,
          element: [column('DIAG_TXT', 'diagnosis'), column('SEXCODE', 'sex')],
        },
        {
          source: `${canonical}/intake-value/sex`,
          target: 'http://hl7.org/fhir/administrative-gender',
          element: [column('W', code)],
        },
      ]);
      await server.put('/ConceptMap/vendor', map).expect(201);
      const { body } = await send(row).expect(200);
      expect(body).toMatchObject({ accepted: 1 });
      const { body: schema } = await request(new URL(server.base).origin)
        .get('/intake/referrals/schema')
        .set('X-Acting-Organization', township)
        .expect(200);
      expect(schema.$defs.row.properties).toHaveProperty('DIAG_TXT');

      await server.delete('/ConceptMap/vendor').expect(204);
      await send(row).expect(422);
    });

    test('adds results by their LOINC codes and units', async () => {
      const map = conceptMap('results-of-a-lab', [
        {
          source: columns,
          target: 'http://loinc.org',
          element: [
            {
              code: '尿酸',
              target: [
                {
                  code: '3084-1',
                  display: 'Urate',
                  equivalence: 'equivalent',
                  product: [
                    {
                      property: `${canonical}/intake-unit`,
                      system: 'http://unitsofmeasure.org',
                      value: 'umol/L',
                    },
                  ],
                },
              ],
            },
          ],
        },
      ]);
      await server.put('/ConceptMap/results-of-a-lab', map).expect(201);
      const { body } = await send({ ...townshipRow(), 尿酸: '420 umol/L' }).expect(200);
      const { body: found } = await server
        .get(`/Observation?code=http://loinc.org|3084-1&subject=${body.results[0].patient}`)
        .expect(200);
      expect(found.entry[0].resource.valueQuantity).toMatchObject({ value: 420, code: 'umol/L' });
      await server.delete('/ConceptMap/results-of-a-lab').expect(204);
    });

    test('can be for one organization alone, or for who names it', async () => {
      const group = [{ source: columns, target: fields, element: [column('ZD', 'diagnosis')] }];
      const venue = {
        useContext: [
          {
            code: { system: 'http://terminology.hl7.org/CodeSystem/usage-context-type', code: 'venue' },
            valueReference: { reference: 'Organization/hekou-health-centre' },
          },
        ],
      };
      await server.put('/ConceptMap/hekou', conceptMap('hekou', group, venue)).expect(201);
      const row = renamed(townshipRow({ 转诊诊断编码: '' }), '转诊诊断', 'ZD');
      await send(row).expect(422);
      await send(row, '?mapping=nowhere').expect(400);
      await send(row, '?mapping=hekou').expect(200);
      await server.delete('/ConceptMap/hekou').expect(204);
    });

    test('is refused where it leads to what there is not', async () => {
      const wrong = conceptMap('wrong', [
        { source: columns, target: fields, element: [column('ZD', 'diagnose')] },
        {
          source: `${canonical}/intake-value/priority`,
          target: 'http://hl7.org/fhir/request-priority',
          element: [column('9', 'at-once')],
        },
        { source: `${canonical}/intake-value/phone`, target: fields, element: [column('1', 'phone')] },
      ]);
      const { body } = await server.put('/ConceptMap/wrong', wrong).expect(422);
      const errors = body.issue.filter(({ severity }: Element) => severity === 'error');
      expect(errors.map(({ expression }: Element) => (expression as string[])[0])).toEqual([
        'ConceptMap.group[0].element[0].target',
        'ConceptMap.group[1].element[0].target',
        'ConceptMap.group[2].source',
      ]);
      await server.put('/ConceptMap/wrong', { ...wrong, status: 'draft' }).expect(201);
      await server.delete('/ConceptMap/wrong').expect(204);
    });
  });
});
