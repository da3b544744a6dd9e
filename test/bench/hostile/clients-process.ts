import { Agent, request } from 'node:http';
import type { Assignment, Sent } from './clients.ts';
import type { HostileRequest } from './requests.ts';

process.on('disconnect', () => process.exit());
process.on('message', async (assignment: Assignment) => process.send!(await work(assignment)));

interface Prepared extends Omit<HostileRequest, 'body'> {
  type: string | undefined;
  bytes: Buffer | undefined;
}

async function work({ base, clients, requests, time, most = Infinity }: Assignment): Promise<Sent> {
  const prepared = requests.map(({ body, ...rest }): Prepared => {
    return { ...rest, type: body?.type, bytes: body && Buffer.from(body.text) };
  });
  const sent: Sent = { statuses: {}, broken: 0 };
  const end = performance.now() + time;
  let count = 0;
  const client = async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    while (performance.now() < end && count < most) {
      const status = await statusOf(base, agent, prepared[count++ % prepared.length]!);
      if (status === undefined) sent.broken++;
      else sent.statuses[status] = (sent.statuses[status] ?? 0) + 1;
    }
    agent.destroy();
  };
  await Promise.all(Array.from({ length: clients }, client));
  return sent;
}

/** The status of an answer that was read to its end; undefined where the connection broke. */
function statusOf(base: string, agent: Agent, { method, path, type, bytes }: Prepared) {
  return new Promise<number | undefined>((resolve) => {
    const separator = path === '' || path.startsWith('?') ? '' : '/';
    const headers = { ...(bytes && { 'Content-Type': type, 'Content-Length': bytes.length }) };
    let status: number | undefined;
    const sent = request(`${base}${separator}${path}`, { method, agent, headers }, (answer) => {
      status = answer.statusCode;
      answer.resume().once('end', () => resolve(status));
      answer.once('error', () => resolve(undefined));
    });
    // A refusal that comes before the body was sent is an answer, too, whatever becomes of the rest.
    sent.once('error', () => setImmediate(() => resolve(status)));
    sent.end(bytes);
  });
}
