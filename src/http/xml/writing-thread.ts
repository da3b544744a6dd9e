import { parentPort, workerData } from 'node:worker_threads';
import type { Layout } from '../../fhir/xml/layout.ts';
import { writeXml } from '../../fhir/xml/write.ts';

/** What the thread is started for: a resource, and the layouts of all types, which it has no definitions to make from. */
export interface WritingTask {
  json: string;
  layouts: ReadonlyMap<string, Layout>;
}

const { json, layouts } = workerData as WritingTask;
const nothing: Layout = new Map();
const bytes = new TextEncoder().encode(writeXml(json, { of: (type) => layouts.get(type) ?? nothing }));
parentPort!.postMessage(bytes, [bytes.buffer]);
