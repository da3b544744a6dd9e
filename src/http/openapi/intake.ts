import { type Json, reference } from './components.ts';

const query = (name: string, description: string, schema: Json = { type: 'string' }): Json => ({
  name,
  in: 'query',
  description,
  schema,
});

const flag: Json = { type: 'boolean' };
const errors = { '4XX': reference('responses', 'Error'), '5XX': reference('responses', 'Error') };
const xlsx = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
const csv = { 'text/csv': { schema: { type: 'string' } } };
const json = { 'application/json': { schema: { type: 'object', additionalProperties: true } } };

/** They stand beside the API, not below it. */
const servers = [{ url: '/' }];
const tags = ['Flat form'];

const mapping = query(
  'mapping',
  'Id or URL of the ConceptMap whose columns and codes come before all others',
);

/** What rows are sent in, and what they are answered with. */
function taking(operationId: string, summary: string): Json {
  const row = { type: 'object', additionalProperties: true };
  return {
    tags,
    servers,
    operationId,
    summary,
    description:
      'JSON, CSV or XLSX; names of columns in Chinese or English; UTF-8 or GB18030. Each row is a transaction of its own. 200: all rows are accepted or there already; 207: some are refused; else the status of what refuses all of them.',
    parameters: [
      query('dry-run', 'Only judge: nothing is kept, and the answer is 200', flag),
      mapping,
      query('format', 'Instead of Accept', { type: 'string', enum: ['json', 'csv', 'bundle'] }),
    ],
    requestBody: {
      required: true,
      content: {
        'application/json': { schema: { oneOf: [row, { type: 'array', items: row }] } },
        ...csv,
        [xlsx]: { schema: { type: 'string', format: 'binary' } },
      },
    },
    responses: {
      200: { description: 'What became of each row', content: { ...json, ...csv } },
      207: {
        description: 'What became of each row, of which some are refused',
        content: { ...json, ...csv },
      },
      ...errors,
    },
  };
}

function file(operationId: string, summary: string, type: string): Json {
  const isJson = type.endsWith('json');
  return {
    tags,
    servers,
    operationId,
    summary,
    security: [],
    parameters: [mapping],
    responses: {
      200: {
        description: summary,
        content: {
          [type]: {
            schema: isJson
              ? { type: 'object', additionalProperties: true }
              : { type: 'string', format: 'binary' },
          },
        },
      },
      ...errors,
    },
  };
}

/** The tag of the addresses of the flat form. */
export const intakeTag = {
  name: 'Flat form',
  description: '转诊平面表 / Referrals and steps as rows of a table, for systems that know no FHIR',
};

/** The addresses of the flat form (see `src/http/intake/`). */
export const intakePaths: Record<string, Json> = {
  '/intake/referrals': {
    post: taking('postIntakeReferrals', '提交转诊 / Send referrals'),
    get: {
      tags,
      servers,
      operationId: 'getIntakeReferrals',
      summary: '转诊列表 / The referrals, where each is, and what is owed by whom until when',
      parameters: [
        query('organization', 'Organization/[id], code or name; that of who asks when left out'),
        query('changed-since', 'A date or time: 2026-01-05, 2026-01-05T09:30:00+08:00'),
        query('role', 'What the organization is of the referral', {
          type: 'string',
          enum: ['sender', 'receiver', 'waiting', 'any'],
        }),
        query('open', 'Only those that have not ended', flag),
        query('number', 'The number of one referral'),
        query('count', 'How many on a page', { type: 'integer', minimum: 1 }),
        query('page', 'Where a page goes on: from `next` of the one before'),
        query('format', 'Instead of Accept', { type: 'string', enum: ['json', 'csv'] }),
      ],
      responses: { 200: { description: 'A page of the list', content: { ...json, ...csv } }, ...errors },
    },
  },
  '/intake/steps': { post: taking('postIntakeSteps', '办理步骤 / Take steps of referrals') },
  '/intake/referrals/schema': {
    get: file('getIntakeReferralsSchema', 'JSON Schema (2020-12) of a referral', 'application/schema+json'),
  },
  '/intake/steps/schema': {
    get: file('getIntakeStepsSchema', 'JSON Schema (2020-12) of a step', 'application/schema+json'),
  },
  '/intake/referrals/template.xlsx': {
    get: file('getIntakeTemplateXlsx', '转诊表模板 / The template as a workbook', xlsx),
  },
  '/intake/referrals/template.csv': {
    get: file('getIntakeTemplateCsv', '转诊表模板 / The template as CSV', 'text/csv'),
  },
};
