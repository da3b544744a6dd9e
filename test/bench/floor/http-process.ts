import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Bare `http` in a process of its own: reads what it is sent, and answers as many bytes as the path says. */
const server = createServer({ noDelay: true }, (request, response) => {
  const length = Number(request.url!.split('/').at(-1));
  request.resume().once('end', () => {
    response.writeHead(200, { 'Content-Type': 'application/fhir+json', 'Content-Length': length });
    response.end(Buffer.alloc(length, 'x'));
  });
});
server.listen(0, '127.0.0.1', () =>
  process.send!(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
);
process.on('disconnect', () => process.exit(0));
