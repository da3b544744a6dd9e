import { elements, string } from '../fhir/elements.ts';
import type { Resource } from '../fhir/resource.ts';
import type { Change, Finding } from '../interactions/guard.ts';
import type { Reader } from '../store/store.ts';
import type { Records } from './context/records.ts';
import { hasIdentifier } from './queries.ts';
import { codeSystems } from './vocabulary.ts';

/** Of the referrals with one number, so many are looked at. */
const mostTwins = 2;

/**
 * Finds referrals that take a number which another one has: a number that a sender gives (identifier of type PLAC, with
 * its system) stands for one referral for ever. Only numbers that are new to the referral are looked up. Names the other
 * one where `shown` shows it.
 */
export async function findTakenNumbers(
  changes: readonly Change[],
  referrals: readonly Change[],
  records: Records,
  shown: Reader | undefined,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  const given = new Set<string>();
  for (const referral of referrals) {
    const before = numbersOf(referral.previous);
    for (const number of numbersOf(referral.resource)) {
      if (before.includes(number)) continue;
      const other = given.has(number)
        ? 'another referral of this submission'
        : await findHolder(number, referral.id, records, shown);
      given.add(number);
      if (other) findings.push(takenNumber(number, other, changes.indexOf(referral)));
    }
  }
  return findings;
}

async function findHolder(
  number: string,
  id: string,
  records: Records,
  shown: Reader | undefined,
): Promise<string | undefined> {
  const holders = await records.stored('ServiceRequest', hasIdentifier('identifier', number), mostTwins);
  const holder = holders.find((each) => each.id !== id && numbersOf(each).includes(number));
  if (!holder) return undefined;
  const isShown = !shown || (await shown.read('ServiceRequest', holder.id!)) !== undefined;
  return isShown ? `ServiceRequest/${holder.id}` : 'another referral';
}

/** The numbers that the sender gave a referral, each as `system|value`. */
export function numbersOf(referral: Resource | null): string[] {
  return elements(referral, 'identifier')
    .filter((identifier) =>
      elements(elements(identifier, 'type')[0], 'coding').some(
        (coding) => coding.system === codeSystems.identifierType && coding.code === 'PLAC',
      ),
    )
    .flatMap((identifier) => {
      const [system, value] = [string(identifier, 'system'), string(identifier, 'value')];
      return system && value ? [`${system}|${value}`] : [];
    });
}

function takenNumber(number: string, holder: string, change: number): Finding {
  return {
    change,
    severity: 'error',
    code: 'duplicate',
    text: {
      zh: '转诊单编号已被另一份转诊单使用;更正请更新原单,新的转诊请用新编号',
      en: 'Another referral has this number already; update that one, or give a new referral a new number',
    },
    expression: ['ServiceRequest.identifier'],
    diagnostics: `${number} (${holder})`,
  };
}
