import { isElement } from '../../resource.ts';
import type { Encoding } from '../encoding.ts';
import type { TypedValue } from '../path.ts';
import { and, or, type Query } from '../query.ts';
import { invalid, literal } from '../values.ts';

/** Radius of the earth, in kilometres. */
const earth = 6371;

/** Kilometres of each unit of length that is understood; without one "kms should be assumed". */
const kilometres = new Map([
  ['', 1],
  ['km', 1],
  ['m', 0.001],
  ['mi_us', 1.609347],
  ['[mi_us]', 1.609347],
  ['[mi_i]', 1.609344],
]);

/** "If the distance is omitted, then the server can use its own discretion": about a county. */
const usualDistance = 50;

/** A circle is searched as so many strips of latitude: found are places at most 1/16 of the radius outside of it. */
const strips = 32;

/** The position of a Location, as two intervals (http://hl7.org/fhir/R4/location.html#search). */
export function encodeNear({ value }: TypedValue, into: Encoding): void {
  if (!isElement(value)) return;
  const { latitude, longitude } = value;
  if (typeof latitude !== 'number' || typeof longitude !== 'number') return;
  into.intervals.push({ suffix: '.latitude', low: latitude, high: latitude });
  into.intervals.push({ suffix: '.longitude', low: longitude, high: longitude });
}

/** The query of `[latitude]|[longitude]|[distance]|[units]` (http://hl7.org/fhir/R4/location.html#positional). */
export function nearQuery(name: string, value: string): Query {
  const [latitude, longitude, distance, unit = ''] = literal(value).split('|');
  const factor = kilometres.get(unit);
  if (factor === undefined)
    throw invalid(name, {
      zh: `单位「${unit}」须为 km、m、mi_us、[mi_us]、[mi_i] 之一`,
      en: `"${unit}" is not one of the units km, m, mi_us, [mi_us], [mi_i]`,
    });
  const center = { latitude: degrees(name, latitude, 90), longitude: degrees(name, longitude, 180) };
  const radius = distance ? quantity(name, distance) * factor : usualDistance;
  const reach = (radius / earth) * (180 / Math.PI);
  const south = Math.max(center.latitude - reach, -90);
  const height = (Math.min(center.latitude + reach, 90) - south) / strips;
  return or(
    Array.from({ length: strips }, (_, index) => {
      const low = south + index * height;
      return and([
        within(`${name}.latitude`, low, low + height),
        longitudes(`${name}.longitude`, center, low, low + height, radius),
      ]);
    }),
  );
}

interface Point {
  latitude: number;
  longitude: number;
}

/** The longitudes that the circle spans somewhere in a strip; across the date line in two parts. */
function longitudes(name: string, center: Point, low: number, high: number, radius: number): Query {
  const latitudes = [low, high, Math.min(Math.max(center.latitude, low), high)];
  const half = Math.max(...latitudes.map((latitude) => halfWidth(center.latitude, latitude, radius)));
  if (half >= 180) return within(name, -180, 180);
  const [west, east] = [center.longitude - half, center.longitude + half];
  if (west < -180) return or([within(name, west + 360, 180), within(name, -180, east)]);
  if (east > 180) return or([within(name, west, 180), within(name, -180, east - 360)]);
  return within(name, west, east);
}

/** Half of the degrees of longitude that a circle spans at a latitude (spherical law of cosines). */
function halfWidth(center: number, latitude: number, radius: number): number {
  const [a, b] = [(center * Math.PI) / 180, (latitude * Math.PI) / 180];
  const scale = Math.cos(a) * Math.cos(b);
  if (scale < 1e-9) return 180;
  const cosine = (Math.cos(Math.min(radius / earth, Math.PI)) - Math.sin(a) * Math.sin(b)) / scale;
  return (Math.acos(Math.min(Math.max(cosine, -1), 1)) * 180) / Math.PI;
}

function within(name: string, low: number, high: number): Query {
  return { kind: 'interval', name, low: { gte: low }, high: { lte: high } };
}

function degrees(name: string, text: string | undefined, most: number): number {
  const value = text ? Number(text) : Number.NaN;
  if (!(Math.abs(value) <= most))
    throw invalid(name, {
      zh: '须为 [latitude]|[longitude]|[distance]|[units]',
      en: '[latitude]|[longitude]|[distance]|[units] is wanted',
    });
  return value;
}

function quantity(name: string, text: string): number {
  const value = Number(text);
  if (!(value >= 0)) throw invalid(name, { zh: `「${text}」不是距离`, en: `"${text}" is not a distance` });
  return value;
}
