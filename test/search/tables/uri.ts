import { a } from '../resources.ts';
import type { Table } from '../table.ts';

/** http://hl7.org/fhir/R4/search.html#uri */
const set = (id: string, url: string, version?: string) =>
  a('ValueSet', id, { url, ...(version && { version }) });

export const uri: Table[] = [
  {
    clause: '"matches are precise (e.g. case, accent, and escape) sensitive, and the entire URI must match"',
    given: [
      set('123', 'http://acme.org/fhir/ValueSet/123'),
      set('124', 'http://acme.org/fhir/ValueSet/124'),
      set('upper', 'http://acme.org/fhir/valueset/123'),
      set('escaped', 'http://acme.org/fhir/ValueSet/%31'),
      set('oid', 'urn:oid:1.2.3.4.5'),
      set('longer-oid', 'urn:oid:1.2.3.4.5.6'),
      set('comma', 'http://acme.org/fhir/ValueSet/124,125'),
      a('ValueSet', 'none'),
    ],
    finds: [
      ['ValueSet?url=http://acme.org/fhir/ValueSet/123', '123'],
      ['ValueSet?url=http://acme.org/fhir/ValueSet/12', ''],
      ['ValueSet?url=http://acme.org/fhir/valueset/123', 'upper'],
      ['ValueSet?url=http://acme.org/fhir/ValueSet/%31', 'escaped'],
      ['ValueSet?url=http://acme.org/fhir/ValueSet/1', ''],
      ['ValueSet?url=urn:oid:1.2.3.4.5', 'oid'],
      ['ValueSet?url=http://acme.org/fhir/ValueSet/123,http://acme.org/fhir/ValueSet/124,125', '123 124'],
      ['ValueSet?url=http://acme.org/fhir/ValueSet/123,http://acme.org/fhir/ValueSet/124\\,125', '123 comma'],
      ['ValueSet?url:missing=true', 'none'],
    ],
  },
  {
    clause: ':below "will return any value sets that have a URL that starts with", :above is "the converse"',
    given: [
      set('root', 'http://acme.org/fhir'),
      set('folder', 'http://acme.org/fhir/ValueSet'),
      set('123', 'http://acme.org/fhir/ValueSet/123'),
      set('version', 'http://acme.org/fhir/ValueSet/123/_history/5'),
      set('other', 'http://other.org/fhir/ValueSet/123'),
    ],
    finds: [
      ['ValueSet?url:below=http://acme.org/fhir/', 'folder 123 version'],
      ['ValueSet?url:below=http://acme.org/fhir/ValueSet/123', '123 version'],
      ['ValueSet?url:below=http://', 'root folder 123 version other'],
      ['ValueSet?url:above=http://acme.org/fhir/ValueSet/123/_history/5', 'root folder 123 version'],
      ['ValueSet?url:above=http://acme.org/fhir/ValueSet/123', 'root folder 123'],
      ['ValueSet?url:above=http://acme.org/', ''],
    ],
    refuses: [
      ['ValueSet?url:below=urn:oid:1.2.3', 'url'],
      ['ValueSet?url:above=urn:oid:1.2.3', 'url'],
      ['ValueSet?url:contains=acme', 'url'],
      ['ValueSet?url:not=http://acme.org', 'url'],
    ],
  },
  {
    clause:
      '"servers SHOULD support automatically detecting a |[version] portion … and interpreting that portion as a search on the version"',
    given: [
      set('one', 'http://acme.org/fhir/ValueSet/versions', '1.0'),
      set('two', 'http://acme.org/fhir/ValueSet/versions', '2.0'),
    ],
    finds: [
      ['ValueSet?url=http://acme.org/fhir/ValueSet/versions', 'one two'],
      ['ValueSet?url=http://acme.org/fhir/ValueSet/versions|2.0', 'two'],
      ['ValueSet?url=http://acme.org/fhir/ValueSet/versions|3.0', ''],
      ['ValueSet?url=http://acme.org/fhir/ValueSet/versions&version=1.0', 'one'],
    ],
  },
];
