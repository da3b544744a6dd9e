import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { loadDefinitions } from '../../src/fhir/definitions/definitions.ts';
import { isError } from '../../src/fhir/outcome.ts';
import { createValidator } from '../../src/fhir/validation/validator.ts';

/** Cases of FHIR/fhir-test-cases, with the verdict of the reference validator. */
const folder = new URL('../../../shared/conformance/validator/', import.meta.url);

interface Case {
  file: string;
  invalid: boolean;
}

/** Where the reference validator finds the cases invalid: one of its places has to be among ours. */
const places: Readonly<Record<string, string>> = {
  'ai3.json': 'Patient',
  'ai8.json': 'StructureDefinition',
  'attachment-with-invalid-binary.json': 'Media.content.data',
  'bundle-document-versioned-references-bad.json': 'Bundle.entry[0].resource.section[0].entry[1]',
  'bundle-duplicate-ids-not.json': 'Bundle.link[1].relation',
  'contained-resource-bad-id.json': 'Condition.contained[0].id',
  'cs-bad-props.json': 'CodeSystem.property[0]',
  'cs-meta-profile.json': 'CodeSystem.meta.profile',
  'empty-array.json': 'DocumentReference.category[0].coding',
  'ext-ccuk.json': 'StructureDefinition.differential',
  'hakan-se-2.json': 'MedicationRequest.authoredOn',
  'hakan-se-nofetch.json': 'MedicationRequest.requester',
  'ips-htmlrefs-backwards.json': 'Bundle.entry[2].resource.extension[0]',
  'mr-covid-bnd1.json': 'Bundle.entry[0].resource.type[0]',
  'mr-covid-m3.json': 'Measure.group[0].population[0]',
  'obs-temp-bad.json': 'Observation.code',
  'obs-vs-1.json': 'Observation.code',
  'obs-vs-2.json': 'Observation.text',
  'pat-security-bad-xhtml.json': 'Patient.text.div',
  'patient-id-bad-2-R4.json': 'Patient.id',
  'questionnaire-enableWhen-dw.json': 'Questionnaire.item[3]',
  'resource-invalid-id-1.json': 'Location.id',
  'resource-invalid-id-3.json': 'Location.contained[0].id',
  'supplement-2.json': 'CodeSystem.content',
  'synthea.json': 'Encounter.status',
  'versioned-extension.json': 'Patient.extension[1]',
  'vs-bad-ecl-us.json': 'ValueSet.compose.include[0].filter[0]',
  'vs-bad-props.json': 'ValueSet.compose.include[0].filter[2]',
  'vs-canonical-urn-bad.json': 'ValueSet.url',
};

/**
 * Invalid only with a switch of the reference validator that refuses HTML in strings. The same resource is valid without
 * it, as `pat-security-good2.json`: here it is a warning.
 */
const behindSwitch = new Set(['pat-security-bad-string.json']);

if (existsSync(folder)) {
  describe('cases of the reference validator', () => {
    const validator = createValidator(loadDefinitions());
    const cases = JSON.parse(readFileSync(new URL('manifest.json', folder), 'utf8')) as Case[];
    test.each(cases.map(({ file, invalid }) => [file, invalid] as const))(
      '%s (invalid: %s)',
      (file, invalid) => {
        const issues = validator.validate(JSON.parse(readFileSync(new URL(file, folder), 'utf8')));
        const errors = issues.filter(isError);
        if (behindSwitch.has(file)) {
          expect(issues).toContainEqual(expect.objectContaining({ severity: 'warning', code: 'security' }));
        } else if (invalid) {
          expect(errors.flatMap(({ expression }) => expression)).toContain(places[file]);
        } else {
          expect(errors).toEqual([]);
        }
      },
    );
  });
} else {
  test.skip('the cases of the reference validator are not there: ../shared/conformance/validator', () => {});
}
