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

/**
 * A keep-alive connection with one request at a time. It is written on the bare socket because a general HTTP client
 * costs more time on the two cores than the server does for a read; it knows just the answers of this server, which
 * always say how long they are.
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
    const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1];
    const status = Number(head.slice(9, 12));
    if (length === undefined) {
      this.#fail(new Error(`An answer without a length: ${head}`));
      return;
    }
    const size = end + endOfHead.length + Number(length);
    if (this.#received.length < size) return;
    const body = this.#received.subarray(end + endOfHead.length, size);
    this.#received = Buffer.alloc(0);
    this.#settle()?.resolve({ status, body });
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
