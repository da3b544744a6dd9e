import type { Request as Message, Response } from 'express';
import { refusals, refuse } from '../fhir/refusal.ts';
import type { Allowance } from '../store/store.ts';

/**
 * What one request may ask of the store: its searches together take no longer than one may, they end when the client
 * goes away before it is answered, and clients, told apart by their addresses, have their turns.
 */
export function allowanceOf(message: Message, response: Response, searchTimeout: number): Allowance {
  const gone = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) gone.abort(refuse(refusals.clientGone));
  });
  const client = message.ip;
  return { timeout: searchTimeout, signal: gone.signal, ...(client && { client }) };
}
