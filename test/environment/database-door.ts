import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { freePort } from './mongodb.ts';

/** A door to the database of the tests: shut, the database is not there for a client. */
export interface DatabaseDoor {
  /** The connection string that leads through the door, which is shut at first. */
  uri: string;
  open(): Promise<void>;
  shut(): Promise<void>;
  /** From now on nothing comes back through the open door, and nobody is told. */
  hush(): void;
}

/** A door to the database of this connection string. Who finds it shut waits a short time only. */
export async function doorTo(uri: string): Promise<DatabaseDoor> {
  const target = new URL(uri);
  const through = new URL(uri);
  through.host = `127.0.0.1:${await freePort()}`;
  through.searchParams.set('directConnection', 'true');
  through.searchParams.set('serverSelectionTimeoutMS', '200');
  const sockets = new Set<Socket>();
  const silenced: (() => void)[] = [];
  let isHushed = false;
  let server: Server | undefined;
  return {
    uri: through.href,
    async open() {
      server = createServer((from) => {
        const to = connect(Number(target.port), target.hostname);
        for (const socket of [from, to]) {
          sockets.add(socket);
          socket.on('error', () => {});
          socket.on('close', () => sockets.delete(socket));
        }
        from.pipe(to).pipe(from);
        silenced.push(() => to.unpipe(from));
        if (isHushed) to.unpipe(from);
      }).listen(Number(through.port), '127.0.0.1');
      await once(server, 'listening');
    },
    hush() {
      isHushed = true;
      for (const silence of silenced) silence();
    },
    async shut() {
      server?.close();
      for (const socket of sockets) socket.destroy();
      if (server) await once(server, 'close');
    },
  };
}
