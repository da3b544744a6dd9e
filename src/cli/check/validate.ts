import { type ParseError, parseTree } from 'jsonc-parser';
import type { Resource } from '../../fhir/resource.ts';
import { type Found, findingsOf } from './finding.ts';
import type { Input } from './inputs.ts';
import { type Place, placeOf } from './place.ts';
import type { Asked } from './server.ts';

/** What was found of one input. */
export interface Checked {
  input: Input;
  findings: Found[];
}

/**
 * What a server would say of an input, by its `$validate`: the base, the profiles, and for a bundle that is to be sent the
 * rules. Nothing is kept.
 */
export async function validate(input: Input, server: Asked, profiles: readonly string[]): Promise<Checked> {
  const type = typeOf(input.text);
  if (typeof type !== 'string') return { input, findings: [{ ...type, place: inFile(type.place, input) }] };
  const query = profiles.map((url) => `profile=${encodeURIComponent(url)}`).join('&');
  const { body } = await server.send(`/${type}/$validate${query && `?${query}`}`, input.text);
  return { input, findings: findingsOf(body, input).filter(({ severity }) => severity !== 'information') };
}

/** The type of the resource that a text is, or what keeps it from being one. */
function typeOf(text: string): string | (Found & { place: Place }) {
  if (text.trimStart().startsWith('<'))
    return (
      /<([A-Za-z]+)[\s>/]/.exec(text.replace(/<[?!][^>]*>/g, ''))?.[1] ??
      notOne(text, 0, '不是 XML / This is not XML')
    );
  try {
    const { resourceType } = JSON.parse(text) as Resource;
    if (typeof resourceType === 'string' && /^[A-Za-z]{1,64}$/.test(resourceType)) return resourceType;
    return notOne(
      text,
      0,
      '缺少 resourceType,不是 FHIR 资源 / This is no FHIR resource: it has no resourceType',
    );
  } catch (error) {
    const errors: ParseError[] = [];
    parseTree(text, errors);
    return notOne(text, errors[0]?.offset ?? 0, `JSON 有误 / Not valid JSON: ${(error as Error).message}`);
  }
}

function notOne(text: string, offset: number, problem: string): Found & { place: Place } {
  return { severity: 'fatal', code: 'structure', text: problem, place: placeOf(text, offset) };
}

function inFile({ line, column }: Place, input: Input): Place {
  return { line: line + input.line - 1, column };
}
