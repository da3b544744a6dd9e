import { elements, string } from '../../../fhir/elements.ts';
import { type Digits, digits } from '../../../fhir/json/digits.ts';
import type { Element, Resource } from '../../../fhir/resource.ts';

/** A CodeableConcept in words: its text, else what its codings are called, else the code. */
export function conceptWords(concept: Element | undefined): string | undefined {
  const [coding] = elements(concept, 'coding');
  return trimmed(string(concept, 'text')) ?? trimmed(string(coding, 'display')) ?? string(coding, 'code');
}

/** The name of a person: the official one where there are several. Chinese names are written without a space. */
export function personName(person: Resource | undefined): string | undefined {
  const names = elements(person, 'name');
  const name =
    names.find(({ use }) => use === 'official') ?? names.find(({ use }) => use !== 'old') ?? names[0];
  const given = Array.isArray(name?.given) ? name.given.filter((each) => typeof each === 'string') : [];
  const parts = [string(name, 'family') ?? '', ...given].filter((part) => part !== '');
  return trimmed(string(name, 'text')) ?? trimmed(parts.join(/[A-Za-z]/.test(parts.join('')) ? ' ' : ''));
}

/** 男, 女 and so on, by Patient.gender (http://hl7.org/fhir/R4/valueset-administrative-gender.html). */
export function sexWords(patient: Resource | undefined): string | undefined {
  const words: Readonly<Record<string, string>> = {
    male: '男',
    female: '女',
    other: '未说明',
    unknown: '未知',
  };
  return words[string(patient, 'gender') ?? ''];
}

/**
 * How old somebody born on a date is on a day: in years; below one year in months, below one month in days, as on
 * paper. Undefined where that does not follow from what the dates say.
 */
export function ageWords(birthDate: string | undefined, day: string | undefined): string | undefined {
  const [born, then] = [localDay(birthDate), localDay(day)];
  if (!born || !then) return undefined;
  if (born.month === undefined) return then.year > born.year ? `${then.year - born.year}岁` : undefined;
  const passed = (then.day ?? 1) < (born.day ?? 1) ? 1 : 0;
  const months = (then.year - born.year) * 12 + (then.month ?? 1) - born.month - passed;
  if (months >= 12) return `${Math.floor(months / 12)}岁`;
  if (months > 0) return `${months}月`;
  if (months < 0 || born.day === undefined || then.day === undefined) return undefined;
  const days = (Date.parse(isoDay(then)) - Date.parse(isoDay(born))) / 86_400_000;
  return days >= 0 ? `${days}天` : undefined;
}

/** 2026年3月2日, as far as a date or time says it; by the community's clock (UTC+8). */
export function dateWords(time: string | undefined): string | undefined {
  const local = localDay(time);
  if (!local) return undefined;
  const { year, month, day } = local;
  return [`${year}年`, month === undefined ? '' : `${month}月`, day === undefined ? '' : `${day}日`].join('');
}

interface Day {
  year: number;
  month?: number | undefined;
  day?: number | undefined;
}

function localDay(time: string | undefined): Day | undefined {
  if (time === undefined) return undefined;
  const instant = time.includes('T') ? Date.parse(time) : Number.NaN;
  const text = Number.isNaN(instant) ? time : new Date(instant + 8 * 3_600_000).toISOString();
  const [, year, month, day] = /^(\d{4})(?:-(\d\d)(?:-(\d\d))?)?/.exec(text) ?? [];
  if (year === undefined) return undefined;
  return {
    year: +year,
    month: month === undefined ? undefined : +month,
    day: day === undefined ? undefined : +day,
  };
}

function isoDay({ year, month, day }: Day): string {
  return `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
}

/** A Quantity with its unit, in the digits that it was written in. */
export function quantityWords(quantity: Element | undefined): string | undefined {
  const value = quantity?.value;
  if (typeof value !== 'number') return undefined;
  const written = (quantity as Digits)[digits]?.value ?? String(value);
  const unit = string(quantity, 'unit') ?? string(quantity, 'code') ?? '';
  return `${string(quantity, 'comparator') ?? ''}${written}${/^[%℃°]/.test(unit) ? unit : ` ${unit}`}`.trimEnd();
}

/** The first number of a phone or mobile; a telecom without a system counts. */
export function phoneOf(...resources: readonly (Resource | undefined)[]): string | undefined {
  for (const resource of resources) {
    const phone = elements(resource, 'telecom').find(
      ({ system, use }) => (system === undefined || system === 'phone' || system === 'sms') && use !== 'old',
    );
    if (string(phone, 'value')) return string(phone, 'value');
  }
  return undefined;
}

/** An Address in one line, the home where there are several. */
export function addressOf(resource: Resource | undefined): string | undefined {
  const all = elements(resource, 'address');
  const address = all.find(({ use }) => use === 'home') ?? all[0];
  const line = Array.isArray(address?.line) ? address.line.filter((each) => typeof each === 'string') : [];
  const parts = ['state', 'city', 'district'].map((member) => string(address, member) ?? '');
  return trimmed(string(address, 'text')) ?? trimmed([...parts, ...line].join(''));
}

/** The value of the identifier of a system. */
export function identifierOf(resource: Element | undefined, system: string): string | undefined {
  return string(
    elements(resource, 'identifier').find((each) => each.system === system),
    'value',
  );
}

/** The text of a narrative (xhtml), a line for each block. */
export function narrativeWords(narrative: Element | undefined): string | undefined {
  const div = string(narrative, 'div');
  if (div === undefined) return undefined;
  const lines = div
    .replace(/<!--[\s\S]*?-->/g, '')
    .replace(/<(?:br|\/p|\/div|\/li|\/tr|\/h\d)\b[^>]*>/g, '\n')
    .replace(/<\/t[dh]>/g, ' ')
    .replace(/<[^>]*>/g, '')
    .replace(/&(#x?[0-9a-fA-F]+|\w+);/g, (entity, name: string) => characterOf(name) ?? entity);
  return trimmed(lines.replace(/[ \t]+/g, ' ').replace(/\s*\n\s*/g, '\n'));
}

const entities: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  middot: '·',
};

function characterOf(name: string): string | undefined {
  if (!name.startsWith('#')) return entities[name];
  const code = name[1] === 'x' ? Number.parseInt(name.slice(2), 16) : Number.parseInt(name.slice(1), 10);
  return code <= 0x10ffff ? String.fromCodePoint(code) : undefined;
}

/** A text without space around it; undefined where nothing is left. */
export function trimmed(text: string | undefined): string | undefined {
  return text?.trim() || undefined;
}
