import { a } from '../resources.ts';
import type { Table } from '../table.ts';

/** http://hl7.org/fhir/R4/search.html#string */
const given = (id: string, ...names: string[]) => a('Patient', id, { name: [{ given: names }] });
const family = (id: string, name: string) => a('Patient', id, { name: [{ family: name }] });

export const string: Table[] = [
  {
    clause: 'given=eve, given:contains=eve and given:exact=Eve, as the specification lists them',
    given: [
      given('Eve', 'Eve'),
      given('eve', 'eve'),
      given('EVE', 'EVE'),
      given('Evelyn', 'Evelyn'),
      given('Severine', 'Severine'),
      given('second', 'Ann', 'Evelyn'),
      given('Adam', 'Adam'),
    ],
    finds: [
      ['Patient?given=eve', 'Eve eve EVE Evelyn second'],
      ['Patient?given=EVELYN', 'Evelyn second'],
      ['Patient?given:contains=eve', 'Eve eve EVE Evelyn Severine second'],
      ['Patient?given:contains=RINE', 'Severine'],
      ['Patient?given:exact=Eve', 'Eve'],
      ['Patient?given:exact=Ev', ''],
      ['Patient?given=lyn', ''],
      ['Patient?given:contains=xyz', ''],
      ['Patient?given=adam,severine', 'Adam Severine'],
      ['Patient?given=eve&given=ann', 'second'],
      ['Patient?name=eve', 'Eve eve EVE Evelyn second'],
    ],
  },
  {
    clause:
      '"insensitive to casing and included combining characters, like accents or other diacritical marks"',
    given: [
      family('composed', 'Müller'),
      family('decomposed', 'Mu\u0308ller'),
      family('plain', 'Muller'),
      family('acute', 'Étienne'),
    ],
    finds: [
      ['Patient?family=muller', 'composed decomposed plain'],
      ['Patient?family=MÜLLER', 'composed decomposed plain'],
      ['Patient?family=mu\u0308l', 'composed decomposed plain'],
      ['Patient?family:contains=ÜLL', 'composed decomposed plain'],
      ['Patient?family:exact=Muller', 'plain'],
      ['Patient?family=etienne', 'acute'],
    ],
  },
  {
    clause:
      '"Punctuation and non-significant whitespace (e.g. repeated space characters, tab vs space) should also be ignored"',
    given: [
      family('apostrophe', "O'Brien"),
      family('hyphen', 'Smith-Jones'),
      a('Patient', 'spaces', { name: [{ text: 'Maria  del\tCarmen' }] }),
    ],
    finds: [
      ['Patient?family=obrien', 'apostrophe'],
      ["Patient?family=o'b", 'apostrophe'],
      ['Patient?family=smithj', 'hyphen'],
      ['Patient?family=smith-j', 'hyphen'],
      ['Patient?name=maria del carmen', 'spaces'],
      ['Patient?name=maria   del', 'spaces'],
    ],
  },
  {
    clause: '"searching either Carreno or Quinones should match a family name of Carreno Quinones"',
    given: [family('both', 'Carreño Quiñones'), family('other', 'Quintana')],
    finds: [
      ['Patient?family=Carreno', 'both'],
      ['Patient?family=Quinones', 'both'],
      ['Patient?family=Carreno Quinones', 'both'],
      ['Patient?family=Quin', 'both other'],
      ['Patient?name=quinones', 'both'],
    ],
  },
  {
    clause:
      '"the search covers the elements of type string, and does not cover elements such as use and period"',
    given: [
      a('Patient', 'named', {
        name: [
          {
            use: 'official',
            text: 'Dr. Ann Lee',
            family: 'Lee',
            given: ['Ann'],
            prefix: ['Dr'],
            suffix: ['PhD'],
          },
        ],
      }),
      a('Patient', 'housed', {
        address: [
          {
            use: 'home',
            text: '1 Main Street',
            line: ['Flat 7', 'Main Street 1'],
            city: 'Wenzhou',
            district: 'Yueqing',
            state: 'Zhejiang',
            postalCode: '325600',
            country: 'CN',
          },
        ],
      }),
    ],
    finds: [
      ['Patient?name=lee', 'named'],
      ['Patient?name=ann', 'named'],
      ['Patient?name=dr', 'named'],
      ['Patient?name=phd', 'named'],
      ['Patient?name=official', ''],
      ['Patient?family=ann', ''],
      ['Patient?address=flat', 'housed'],
      ['Patient?address=main', 'housed'],
      ['Patient?address=wenzhou', 'housed'],
      ['Patient?address=yueqing', 'housed'],
      ['Patient?address=zhejiang', 'housed'],
      ['Patient?address=3256', 'housed'],
      ['Patient?address=cn', 'housed'],
      ['Patient?address=home', ''],
      ['Patient?address-city=wen', 'housed'],
      ['Patient?address-postalcode=3256', 'housed'],
      ['Patient?address-country=cn', 'housed'],
    ],
  },
  {
    clause:
      'Chinese names: found by family, given and whole name; full-width forms are the same as the usual ones',
    given: [
      a('Patient', 'zhang', { name: [{ family: '张', given: ['三丰'] }] }),
      a('Patient', 'zhang-text', { name: [{ text: '张三丰' }] }),
      a('Patient', 'wide', { name: [{ text: 'ＡＢＣ１２３' }] }),
      a('Patient', 'rare', { name: [{ text: '𠮷田' }] }),
    ],
    finds: [
      ['Patient?name=张', 'zhang zhang-text'],
      ['Patient?name=张三丰', 'zhang zhang-text'],
      ['Patient?name=张三', 'zhang zhang-text'],
      ['Patient?given=三', 'zhang'],
      ['Patient?name:contains=三丰', 'zhang zhang-text'],
      ['Patient?name=abc123', 'wide'],
      ['Patient?name=ａｂｃ', 'wide'],
      ['Patient?name=𠮷', 'rare'],
      ['Patient?name:exact=张三丰', 'zhang-text'],
    ],
  },
  {
    clause: 'characters that mean something to databases mean nothing here',
    given: [
      family('percent', '100%'),
      family('under', 'a_b'),
      family('star', 'a.*b'),
      family('plain', 'aXb'),
    ],
    finds: [
      ['Patient?family:exact=100%', 'percent'],
      ['Patient?family=1%0', 'percent'],
      ['Patient?family:exact=a_b', 'under'],
      ['Patient?family:exact=a.*b', 'star'],
      ['Patient?family:contains=xb', 'plain'],
      ['Patient?family:exact=.*', ''],
    ],
  },
  {
    clause: ':text "can be used to specify a search with advanced text handling"',
    given: [a('Patient', 'words', { address: [{ text: '12 Long Winding Road' }] }), a('Patient', 'none')],
    finds: [
      ['Patient?address:text=winding', 'words'],
      ['Patient?address:text=road long', 'words'],
      ['Patient?address:text=road short', ''],
    ],
  },
  {
    clause: ':missing "will return all the resources that don\'t have a value"',
    given: [given('named', 'Eve'), a('Patient', 'nameless')],
    finds: [
      ['Patient?given:missing=true', 'nameless'],
      ['Patient?given:missing=false', 'named'],
      ['Patient?family:missing=true', 'named nameless'],
    ],
  },
  {
    clause:
      '"Server SHALL reject any search request that … is suffixed by a modifier that the server does not support for that parameter"',
    given: [],
    refuses: [
      ['Patient?name:below=eve', 'name'],
      ['Patient?name:not=eve', 'name'],
      ['Patient?name:Patient=eve', 'name'],
      ['Patient?name:=eve', 'name'],
      ['Patient?name:exact:contains=eve', 'name'],
    ],
  },
];
