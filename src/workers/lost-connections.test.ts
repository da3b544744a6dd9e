import { EventEmitter } from 'node:events';
import { expect, test } from '@jest/globals';
import { closeLostConnections } from './lost-connections.ts';

test('of the connections that a process was given, those that it has not taken are closed when it ends', () => {
  const sent: unknown[] = [];
  const child = { send: (...args: unknown[]) => sent.push(args) > 0 };
  const worker = Object.assign(new EventEmitter(), { process: child });
  closeLostConnections(worker as unknown as Parameters<typeof closeLostConnections>[0]);

  const closed: string[] = [];
  const connection = (name: string) => ({ close: () => void closed.push(name) });
  const [taken, lost] = [connection('taken'), connection('lost')];
  child.send({ act: 'newconn' }, taken);
  child.send({ act: 'newconn' }, lost);
  child.send({ kind: 'stop' });
  expect(sent).toHaveLength(3);

  taken.close();
  expect(closed).toEqual(['taken']);
  worker.emit('exit');
  expect(closed).toEqual(['taken', 'lost']);
});
