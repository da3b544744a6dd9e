import { fileURLToPath } from 'node:url';
import { loadDefinitions } from '../../src/fhir/definitions/definitions.ts';
import type { Resource } from '../../src/fhir/resource.ts';
import { createValidator } from '../../src/fhir/validation/validator.ts';
import { describeMachine } from './machine.ts';
import { loadedNames } from './population/bundles.ts';
import { parts, referralOf } from './population/referral.ts';

/** How often a second the resources of a referral are checked against base definitions and profiles, on one core. */
const project = fileURLToPath(new URL('../../', import.meta.url));
const validator = createValidator(loadDefinitions([`${project}profiles`, `${project}terminology`]));
const milliseconds = 1_000;

process.stdout.write(`${describeMachine()}\n\n`);
const referral = referralOf({
  patient: 1,
  number: 'ZZ-V-1',
  sender: 'bench-township',
  names: loadedNames(1, 1),
  authored: new Date(),
});
for (const part of parts) {
  const resource = referral[part];
  report(part, () => validator.validateBase(resource));
  if (part === 'Observation')
    report('  vital signs', () =>
      validator.validateProfile('http://hl7.org/fhir/StructureDefinition/bp', resource),
    );
  for (const url of (resource as Resource).meta?.profile ?? [])
    report(`  ${url.slice(url.lastIndexOf('/') + 1)}`, () => validator.validateProfile(url, resource));
}

function report(name: string, validate: () => readonly unknown[]): void {
  const first = timed(validate);
  for (const end = performance.now() + milliseconds / 2; performance.now() < end; ) validate();
  const begin = performance.now();
  let count = 0;
  while (performance.now() < begin + milliseconds) {
    for (let n = 0; n < 100; n++) validate();
    count += 100;
  }
  const perSecond = (count * 1_000) / (performance.now() - begin);
  const found = validate().length === 0 ? '' : `   issues: ${JSON.stringify(validate()[0])}`;
  process.stdout.write(
    `${name.padEnd(24)} ${Math.round(perSecond).toLocaleString('en').padStart(9)}/s   first ${first.toFixed(1)} ms${found}\n`,
  );
}

function timed(work: () => void): number {
  const begin = performance.now();
  work();
  return performance.now() - begin;
}
