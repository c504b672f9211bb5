import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@holdfast/platform/processes';
import { until } from './store-servers';

/** Where the programs are, from scripts/ensure-archive-peers.js. */
interface ArchivePeers {
  readonly versitygw: string;
  readonly python: string;
  readonly softhsm: { readonly library: string; readonly program: string; readonly libraries: string };
}

/** A peer on a port of loopback. Credentials are what the vendor's tools take from the environment. */
export interface Peer {
  readonly url: string;
  readonly credentials: { readonly AWS_ACCESS_KEY_ID: string; readonly AWS_SECRET_ACCESS_KEY: string };
  stop(): Promise<void>;
}

export function archivePeers(): ArchivePeers {
  const script = ['../../..', '../../../..']
    .map((up) => join(__dirname, up, 'scripts/ensure-archive-peers.js'))
    .find(existsSync)!;
  return JSON.parse(execFileSync(process.execPath, [script], { encoding: 'utf8' })) as ArchivePeers;
}

/** A store that speaks S3, with versions and object locks. */
export async function startVersitygw({ versitygw }: ArchivePeers): Promise<Peer> {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-s3-'));
  const [data, versions] = [join(folder, 'data'), join(folder, 'versions')];
  for (const path of [data, versions]) mkdirSync(path);
  const credentials = { AWS_ACCESS_KEY_ID: 'holdfast', AWS_SECRET_ACCESS_KEY: randomBytes(16).toString('hex') };
  const port = await freePort();
  const keys = ['--access', credentials.AWS_ACCESS_KEY_ID, '--secret', credentials.AWS_SECRET_ACCESS_KEY];
  const flags = ['--port', `127.0.0.1:${port}`, '--quiet', 'posix', '--versioning-dir', versions, data];
  return peerOf(spawn(versitygw, [...keys, ...flags], { stdio: 'ignore' }), port, credentials, folder);
}

/** The AWS API of keys. */
export async function startMoto({ python }: ArchivePeers): Promise<Peer> {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-kms-'));
  const port = await freePort();
  const credentials = { AWS_ACCESS_KEY_ID: 'holdfast', AWS_SECRET_ACCESS_KEY: 'holdfast' };
  const code = 'import sys; from moto.server import main; sys.exit(main())';
  const child = spawn(python, ['-c', code, '-H', '127.0.0.1', '-p', String(port)], { stdio: 'ignore', cwd: folder });
  return peerOf(child, port, credentials, folder);
}

async function peerOf(
  child: ChildProcess,
  port: number,
  credentials: Peer['credentials'],
  folder: string,
): Promise<Peer> {
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    }
    rmSync(folder, { recursive: true, force: true });
  };
  await until(
    () => {
      if (child.exitCode !== null) throw new Error(`the peer ended with ${child.exitCode}`);
      return new Promise((resolve) => {
        const socket = connect(port, '127.0.0.1', () => {
          socket.destroy();
          resolve(true);
        });
        socket.once('error', () => resolve(false));
      });
    },
    (error) => /ended with/.test(String(error)),
  );
  return { url: `http://127.0.0.1:${port}`, credentials, stop };
}
