import { a } from '../resources.ts';
import type { Table } from '../table.ts';

/** http://hl7.org/fhir/R4/search.html#combining, #escaping, #missing and #errors */
const speaks = (id: string, ...languages: string[]) =>
  a('Patient', id, { communication: languages.map((code) => ({ language: { coding: [{ code }] } })) });
const coded = (id: string, code: string, system?: string) =>
  a('Condition', id, { code: { coding: [{ code, ...(system && { system }) }] } });

export const values: Table[] = [
  {
    clause:
      '"If a parameter repeats … this matches a patient who speaks both languages"; comma: "either language"',
    given: [
      speaks('french', 'FR'),
      speaks('dutch', 'NL'),
      speaks('both', 'FR', 'NL'),
      speaks('english', 'EN', 'NL'),
    ],
    finds: [
      ['Patient?language=FR&language=NL', 'both'],
      ['Patient?language=FR,NL', 'french dutch both english'],
      ['Patient?language=FR,NL&language=EN', 'english'],
      ['Patient?language=FR,FR', 'french both'],
      ['Patient?language:text=this,that', ''],
    ],
  },
  {
    clause: 'escapes: "param=xx\\$xx indicates that the parameter has the literal value xx$xx"',
    given: [
      coded('comma', 'a,b'),
      coded('a', 'a'),
      coded('b', 'b'),
      coded('bar', 'a|b'),
      coded('dollar', 'a$b'),
      coded('backslash', 'a\\b'),
      coded('all', 'a,b|c$d\\e', 'http://acme.org/x|y'),
      a('Patient', 'named', { name: [{ text: 'Lee, Ann' }] }),
    ],
    finds: [
      ['Condition?code=a,b', 'a b'],
      ['Condition?code=a\\,b', 'comma'],
      ['Condition?code=a\\|b', 'bar'],
      ['Condition?code=|a\\|b', 'bar'],
      ['Condition?code=a\\$b', 'dollar'],
      ['Condition?code=a$b', 'dollar'],
      ['Condition?code=a\\\\b', 'backslash'],
      ['Condition?code=a\\,b,a\\|b', 'comma bar'],
      ['Condition?code=http://acme.org/x\\|y|a\\,b\\|c\\$d\\\\e', 'all'],
      ['Patient?name:exact=Lee\\, Ann', 'named'],
    ],
    refuses: [
      ['Condition?code=xx\\xx', 'code'],
      ['Condition?code=xx\\', 'code'],
    ],
  },
  {
    clause: '"Empty parameters are not an error - they are just ignored by the server"',
    given: [coded('a', 'a'), coded('b', 'b')],
    finds: [
      ['Condition?code=', 'a b'],
      ['Condition?code=&_id=a', 'a'],
      ['Condition?nonsense=', 'a b'],
      ['Condition?code=a,', 'a'],
      ['Condition?_filter=', 'a b'],
    ],
  },
  {
    clause:
      '"A parameter may refer to a non-existent resource", "an unknown code", "a time that is out of scope": an empty search set',
    given: [a('Observation', 'o', { subject: { reference: 'Patient/1' }, effectiveDateTime: '2002' })],
    finds: [
      ['Observation?subject=101', ''],
      ['Observation?patient.identifier=http://example.com/fhir/identifier/mrn|123456', ''],
      ['Observation?code=loinc|1234-1', ''],
      ['Observation?date=le1995', ''],
    ],
  },
  {
    clause: 'unknown parameters: handling=strict is the default, and names are case sensitive',
    given: [],
    refuses: [
      ['Patient?nonsense=1', 'nonsense'],
      ['Patient?Name=1', 'Name'],
      ['Patient?value-quantity=1', 'value-quantity'],
      ['Patient?nonsense:exact=1', 'nonsense'],
      ['Patient?_query=name', '_query'],
      ['Patient?_sort=nonsense', 'nonsense'],
      ['Patient?_include=Patient:nonsense', 'nonsense'],
    ],
  },
];
