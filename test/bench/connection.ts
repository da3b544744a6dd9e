import { connect, type Socket } from 'node:net';

/** A request as it goes over the wire. */
export interface Call {
  method: 'GET' | 'POST' | 'PUT';
  /** Path and query below the base URL, `''` for the base itself. */
  path: string;
  body?: string;
}

export interface Answer {
  status: number;
  body: Buffer;
}

interface Waiting {
  resolve(answer: Answer): void;
  reject(error: Error): void;
}

const endOfHead = Buffer.from('\r\n\r\n');

/** What has come of the body, once it is whole: of the length that the head says, or in chunks. */
function bodyOf(received: Buffer, head: string): Buffer | undefined {
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  if (length !== undefined)
    return received.length < Number(length) ? undefined : received.subarray(0, Number(length));
  // A whole body in chunks ends so; that an answer is JSON keeps this out of its middle.
  return received.subarray(-lastChunk.length).equals(lastChunk) ? unchunked(received) : undefined;
}

const lastChunk = Buffer.from('0\r\n\r\n');

/** The chunks, without their lengths (https://www.rfc-editor.org/rfc/rfc9112#section-7.1). */
function unchunked(received: Buffer): Buffer {
  const chunks: Buffer[] = [];
  for (let at = 0; ; ) {
    const end = received.indexOf('\r\n', at);
    const length = Number.parseInt(received.toString('latin1', at, end), 16);
    if (!(length > 0)) return Buffer.concat(chunks);
    chunks.push(received.subarray(end + 2, end + 2 + length));
    at = end + 2 + length + 2;
  }
}

/**
 * A keep-alive connection with one request at a time. It is written on the bare socket because a general HTTP client
 * costs more time on the two cores than the server does for a read; it knows just answers that say how long they are, or
 * come in chunks.
 */
export class Connection {
  readonly #socket: Socket;
  readonly #prefix: string;
  readonly #head: string;
  #received: Buffer = Buffer.alloc(0);
  #waiting: Waiting | undefined;

  constructor(base: string) {
    const { hostname, port, pathname, host } = new URL(base);
    this.#prefix = pathname;
    this.#head = `Host: ${host}\r\nAccept: application/fhir+json\r\n`;
    this.#socket = connect({ host: hostname, port: Number(port), noDelay: true });
    this.#socket.on('data', (chunk) => this.#receive(chunk));
    this.#socket.on('error', (error) => this.#fail(error));
    this.#socket.on('close', () => this.#fail(new Error('The server closed the connection')));
  }

  /** Sends a request and gives the answer, whatever its status. Rejects when the connection breaks. */
  send({ method, path, body }: Call): Promise<Answer> {
    const url = this.#prefix + (path === '' || path.startsWith('?') ? path : `/${path}`);
    const length =
      body === undefined
        ? ''
        : `Content-Type: application/fhir+json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n`;
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#socket.write(`${method} ${url} HTTP/1.1\r\n${this.#head}${length}\r\n${body ?? ''}`);
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #receive(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    const end = this.#received.indexOf(endOfHead);
    if (end < 0) return;
    const head = this.#received.toString('latin1', 0, end);
    const body = bodyOf(this.#received.subarray(end + endOfHead.length), head);
    if (body === undefined) return;
    this.#received = Buffer.alloc(0);
    this.#settle()?.resolve({ status: Number(head.slice(9, 12)), body });
  }

  #fail(error: Error): void {
    this.#settle()?.reject(error);
  }

  #settle(): Waiting | undefined {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    return waiting;
  }
}
