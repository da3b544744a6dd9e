import type { Server as HttpServer, IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { reasonOf, type Settings, WrongSetting } from '../settings.ts';

/** Listens, and gives the port that was really taken. Throws a WrongSetting where that cannot be. */
export async function listen(http: HttpServer, { port, host }: Settings): Promise<number> {
  try {
    await new Promise<void>((resolve, reject) => http.once('error', reject).listen(port, host, resolve));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') throw new WrongSetting('PORT', 'a port that is not taken', String(port));
    if (code === 'EACCES') throw new WrongSetting('PORT', 'a port that this user may use', String(port));
    throw new WrongSetting('HOST', `an address of this machine (${reasonOf(error)})`, host);
  }
  return (http.address() as AddressInfo).port;
}

/** TLS 1.2 or later; where an authority is given, only clients with a certificate of it are let in. */
export function secured({ cert, key, ca }: NonNullable<Settings['tls']>) {
  return {
    cert,
    key,
    minVersion: 'TLSv1.2',
    ...(ca !== undefined && { ca, requestCert: true, rejectUnauthorized: true }),
  } as const;
}

/** Java's HTTP client offers HTTP/2 (`Upgrade: h2c`) with each request, and takes the answer to the request itself. */
export function isToWebSocket({ headers }: IncomingMessage): boolean {
  return headers.upgrade?.toLowerCase() === 'websocket';
}
