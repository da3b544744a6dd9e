/** Under which the project’s definitions stand. */
export const base = 'https://w3id.org/zhuanzhen';
export const codes = (name: string) => `${base}/CodeSystem/${name}`;
export const profile = (name: string) => `${base}/StructureDefinition/${name}`;
export const terminology = (name: string) => `http://terminology.hl7.org/CodeSystem/${name}`;
/** A resource that is made, without its id. */
export type Made = { resourceType: string; [member: string]: unknown };
export const coded = (system: string, code: string, display?: string) => ({
  coding: [{ system, code, ...(display !== undefined && { display }) }],
});
/** An instant as a dateTime of China. */
export const time = (instant: number) =>
  `${new Date(instant + 8 * 3_600_000).toISOString().slice(0, 19)}+08:00`;
export const named = (type: string, id: string, display: string) => ({ reference: `${type}/${id}`, display });
