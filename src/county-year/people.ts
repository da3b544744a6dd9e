import type { Disease, Plan } from './plan.ts';
import type { Random } from './random.ts';

/** A patient who is made up. */
export interface Person {
  residentId: string;
  birthDate: string;
  gender: 'male' | 'female';
  name: { text: string; family: string; given: string[] };
  phone: string;
}

const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const day = 86_400_000;

/**
 * A patient of a disease, written at an instant: of an age that the population has and the disease comes at. `number`
 * makes the resident id (GB 11643) their own, its birth date, sex and check character are right.
 */
export function personOf(disease: Disease, plan: Plan, random: Random, number: number, at: number): Person {
  const [low, high] = disease.ages;
  const fitting = plan.ages.flatMap(([from, to, weight]) => {
    const [first, last] = [Math.max(from, low), Math.min(to, high)];
    return first <= last ? [[[first, last], weight] as const] : [];
  });
  const [youngest, oldest] = random.pick(fitting);
  const age = random.between(youngest!, oldest!);
  const gender = disease.sex ?? random.one(['male', 'female'] as const);
  // Ten days at least, so that nobody is referred before being born.
  const birthDate = new Date(at - age * 365.25 * day - random.between(10, 350) * day)
    .toISOString()
    .slice(0, 10);
  // Of one birth date there are a thousand ids of a region: of many people more than one region is needed.
  const sequence = (number % 500) * 2 + (gender === 'male' ? 1 : 0);
  const region = 629_000 + (Math.floor(number / 500) % 900);
  const digits = `${region}${birthDate.replaceAll('-', '')}${String(sequence % 1000).padStart(3, '0')}`;
  const family = random.one(plan.surnames);
  const given = random.one(plan.givenNames[gender]);
  return {
    residentId: digits + checkCharacter(digits),
    birthDate,
    gender,
    name: { text: family + given, family, given: [given] },
    phone: `139${String(random.between(0, 99_999_999)).padStart(8, '0')}`,
  };
}

function checkCharacter(digits: string): string {
  const sum = weights.reduce((total, weight, index) => total + weight * Number(digits[index]), 0);
  return '10X98765432'[sum % 11]!;
}
