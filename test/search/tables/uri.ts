import { a } from '../resources.ts';
import type { Table } from '../table.ts';

/** http://hl7.org/fhir/R4/search.html#uri */
const set = (id: string, url: string, version?: string) =>
  a('Library', id, { url, ...(version && { version }) });

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
      a('Library', 'none'),
    ],
    finds: [
      ['Library?url=http://acme.org/fhir/ValueSet/123', '123'],
      ['Library?url=http://acme.org/fhir/ValueSet/12', ''],
      ['Library?url=http://acme.org/fhir/valueset/123', 'upper'],
      ['Library?url=http://acme.org/fhir/ValueSet/%31', 'escaped'],
      ['Library?url=http://acme.org/fhir/ValueSet/1', ''],
      ['Library?url=urn:oid:1.2.3.4.5', 'oid'],
      ['Library?url=http://acme.org/fhir/ValueSet/123,http://acme.org/fhir/ValueSet/124,125', '123 124'],
      ['Library?url=http://acme.org/fhir/ValueSet/123,http://acme.org/fhir/ValueSet/124\\,125', '123 comma'],
      ['Library?url:missing=true', 'none'],
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
      ['Library?url:below=http://acme.org/fhir/', 'folder 123 version'],
      ['Library?url:below=http://acme.org/fhir/ValueSet/123', '123 version'],
      ['Library?url:below=http://', 'root folder 123 version other'],
      ['Library?url:above=http://acme.org/fhir/ValueSet/123/_history/5', 'root folder 123 version'],
      ['Library?url:above=http://acme.org/fhir/ValueSet/123', 'root folder 123'],
      ['Library?url:above=http://acme.org/', ''],
    ],
    refuses: [
      ['Library?url:below=urn:oid:1.2.3', 'url'],
      ['Library?url:above=urn:oid:1.2.3', 'url'],
      ['Library?url:contains=acme', 'url'],
      ['Library?url:not=http://acme.org', 'url'],
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
      ['Library?url=http://acme.org/fhir/ValueSet/versions', 'one two'],
      ['Library?url=http://acme.org/fhir/ValueSet/versions|2.0', 'two'],
      ['Library?url=http://acme.org/fhir/ValueSet/versions|3.0', ''],
      ['Library?url=http://acme.org/fhir/ValueSet/versions&version=1.0', 'one'],
    ],
  },
];
