import { hash } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import { gzipSync } from 'node:zlib';
import { site } from './site.ts';

/** A file as it is kept and sent: compressed, with the tag of its content. */
export interface KeptFile {
  type: string;
  gzip: Uint8Array;
  tag: string;
}

/** The thread that makes the pages of the guide, which takes half a second. It is given the path of the API. */
const files = new Map(
  [...(await site(workerData as string))].map(([address, { type, text }]): [string, KeptFile] => [
    address,
    { type, gzip: gzipSync(text), tag: `W/"${hash('sha256', text, 'base64url').slice(0, 22)}"` },
  ]),
);
parentPort!.postMessage(files);
