import { rawNumber } from './raw-number.ts';

/** Indents JSON for people, with its numbers digit for digit. */
export function indent(json: string): string {
  return JSON.stringify(
    JSON.parse(json, (_, value, context?: { source?: string }) =>
      typeof value === 'number' ? rawNumber(context!.source!) : value,
    ),
    null,
    2,
  );
}
