import { connect } from 'node:net';

/** Resolves when something accepts TCP connections there. @throws the system's error, at once, when nothing does */
export function listening(host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, host);
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.destroy();
      resolve();
    });
  });
}
