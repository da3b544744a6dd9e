import { codesOf, elements, string } from '../../../fhir/elements.ts';
import type { Element, Resource } from '../../../fhir/resource.ts';
import { codeSystems, identifierSystems } from '../../vocabulary.ts';
import { stateOf } from '../../workflow/states.ts';
import { newNumber } from './number.ts';

/** That a referral was accepted: what the patient shows to the insurer. */
export interface Certificate {
  number: string;
  /** The instant of the acceptance, as FHIR writes it. */
  issued: string;
}

/** The states in which a referral that was accepted counts as if it had never been. */
const voided = /^(?:cancelled:|rejected:|failed:no-show$|entered-in-error$)/;

/** A certificate for a referral that is accepted at this instant, in milliseconds since the epoch. */
export function newCertificate(now: number): Certificate {
  return { number: newNumber(), issued: new Date(now).toISOString() };
}

/** The certificate on a Task; undefined when it has none. */
export function certificateOf(task: Resource | null): Certificate | undefined {
  const [identifier] = elements(elements(task, 'output').find(isCertificate), 'valueIdentifier');
  const [number, issued] = [string(identifier, 'value'), string(elements(identifier, 'period')[0], 'start')];
  return number !== undefined && issued !== undefined ? { number, issued } : undefined;
}

/** Whether the certificate on a Task holds: not any more once the referral is cancelled, passed on or not taken up. */
export function isInForce(task: Resource): boolean {
  return certificateOf(task) !== undefined && !voided.test(stateOf(task));
}

/**
 * The Task with this certificate and no other: what a client writes there does not count. One that no longer holds is
 * marked (`use`: `old`).
 */
export function withCertificate(task: Resource, certificate: Certificate | undefined): Resource {
  const { output: _, ...rest } = task;
  const others = elements(task, 'output').filter((each) => !isCertificate(each));
  const output = certificate ? [...others, outputOf(certificate, task)] : others;
  return output.length > 0 ? { ...rest, output } : rest;
}

function isCertificate(output: Element): boolean {
  return codesOf(output, 'type', codeSystems.outputType).includes('referral-certificate');
}

function outputOf({ number, issued }: Certificate, task: Resource): Element {
  return {
    type: {
      coding: [{ system: codeSystems.outputType, code: 'referral-certificate', display: '转诊证明' }],
    },
    valueIdentifier: {
      use: voided.test(stateOf(task)) ? 'old' : 'official',
      system: identifierSystems.certificate,
      value: number,
      period: { start: issued },
    },
  };
}
