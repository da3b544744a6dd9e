const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const day = 86_400_000;
const firstBirthday = Date.UTC(1940, 0, 1);
const birthdays = 20_000;

/** A person of the invented population: the same number always gives the same person. */
export interface Person {
  residentId: string;
  birthDate: string;
  gender: 'male' | 'female';
}

/** Person number `n`, with a resident id (GB 11643) whose sex, birth date and check character are right. */
export function person(n: number): Person {
  const birthDate = new Date(firstBirthday + (n % birthdays) * day).toISOString().slice(0, 10);
  const sequence = Math.floor(n / birthdays) * 2 + (n % 2);
  const digits = `622926${birthDate.replaceAll('-', '')}${String(sequence).padStart(3, '0')}`;
  return {
    residentId: digits + checkCharacter(digits),
    birthDate,
    gender: sequence % 2 === 1 ? 'male' : 'female',
  };
}

function checkCharacter(digits: string): string {
  const sum = weights.reduce((total, weight, index) => total + weight * Number(digits[index]), 0);
  return '10X98765432'[sum % 11]!;
}
