import { arch, cpus } from 'node:os';
import { loadDefinitions } from '../../src/fhir/definitions/definitions.ts';
import type { Resource } from '../../src/fhir/resource.ts';
import { createSearchParameters } from '../../src/fhir/search/parameters.ts';
import { createReferralGuard } from '../../src/referral/guard.ts';
import { readRuleSet } from '../../src/referral/rules/rule-set.ts';
import {
  bloodPressure,
  community,
  consent,
  diagnosis,
  patient,
  referral,
  task,
} from '../environment/community.ts';
import { memoryReader } from '../environment/memory-reader.ts';

/*
 * What the rules for one referral with 50 observations cost on one core: recognising it, building its context and
 * applying every rule that can be broken. Profiles and the store are measured elsewhere; the reader here is in memory.
 * The goal is less than 5 ms. Run with: npx node test/bench/rules.ts
 */
const observations = 50;
const warmUp = 200;
const rounds = 2_000;

const definitions = loadDefinitions(['profiles', 'terminology']);
const parameters = createSearchParameters(definitions);
const rules = readRuleSet(definitions);
const guard = createReferralGuard({
  definitions,
  validator: { validateProfile: () => [] },
  rules: { current: async () => rules },
});
const reader = memoryReader(community, parameters);

const glucose = (id: string, value: number): Resource => ({
  ...bloodPressure(id, 0, 0),
  code: { coding: [{ system: 'http://loinc.org', code: '14749-6' }] },
  component: undefined,
  valueQuantity: { value, unit: 'mmol/L', system: 'http://unitsofmeasure.org', code: 'mmol/L' },
});

const readings = Array.from({ length: observations }, (_, index) =>
  index % 2 === 0 ? bloodPressure(`bp${index}`, 150, 90) : glucose(`glucose${index}`, 7.5),
);
const supportingInfo = readings.map(({ id }) => ({ reference: `Observation/${id}` }));
const submitted = [patient, consent, diagnosis, ...readings, referral({ supportingInfo }), task()];
const changes = submitted.map((resource) => ({
  type: resource.resourceType,
  id: resource.id!,
  resource,
  previous: null,
}));
const now = Date.parse('2026-03-02T09:01:00+08:00');

const times: number[] = [];
let findings = 0;
for (let round = -warmUp; round < rounds; round++) {
  const start = process.hrtime.bigint();
  const verdict = await guard({ changes, reader, now });
  const end = process.hrtime.bigint();
  findings = verdict.findings.length;
  if (round >= 0) times.push(Number(end - start) / 1e6);
}
times.sort((a, b) => a - b);
const at = (share: number) => times[Math.floor(times.length * share)]!.toFixed(3);

process.stdout.write(
  [
    `${cpus()[0]?.model.trim()} ${arch()}, Node ${process.version}`,
    `${rules.book.all.length} rules, ${observations} observations, ${findings} findings, ${rounds} rounds`,
    `one referral: p50 ${at(0.5)} ms, p90 ${at(0.9)} ms, p99 ${at(0.99)} ms`,
    '',
  ].join('\n'),
);
