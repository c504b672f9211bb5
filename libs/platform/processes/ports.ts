import { connect, createServer, type AddressInfo } from 'node:net';

/**
 * A TCP port that nobody listens on. A connection to it is made and closed from the listening side, which leaves the
 * port in TIME_WAIT: the system gives it to nobody else for about a minute, yet a server may bind it by its number.
 * @param host the address that the server will listen on, default 127.0.0.1
 * @throws the system's error when the address cannot be listened on
 */
export async function freePort(host = '127.0.0.1'): Promise<number> {
  const server = createServer((socket) => socket.end());
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, host, resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve, reject) => {
    connect(port, host)
      .once('error', reject)
      .once('close', () => resolve())
      .resume();
  });
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}

/** Whether a server could listen there now. */
export function isPortFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, host, () => server.close(() => resolve(true)));
  });
}
