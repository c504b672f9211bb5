import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { acquire, type AcquireOptions, type Artifact, type Source } from './acquisition';
import { findOnPath } from './cache';
import { runLogged } from './run-logged';
import { sdkDownload } from './sdk-download';

/** The newest release that a Go toolchain can install by its module path. */
export const TEMPORAL_CLI_VERSION = '1.5.1';
/** The first server with update-with-start on by default. */
const OLDEST_SERVER = [1, 28] as const;
const GO_LIMIT_MS = 30 * 60_000;

/**
 * The server in a `temporal` binary, by what `temporal --version` prints. The CLI's own version says nothing: a binary
 * that was not built by its makers calls itself 0.0.0-DEV.
 * @throws Error when the text names no server or one that is too old
 */
export function checkServerVersion(text: string): void {
  const found = /Server (\d+)\.(\d+)\./.exec(text);
  if (!found) throw new Error(`not a Temporal CLI: it says "${text.trim().slice(0, 100)}"`);
  const [major, minor] = [Number(found[1]), Number(found[2])];
  if (major < OLDEST_SERVER[0] || (major === OLDEST_SERVER[0] && minor < OLDEST_SERVER[1]))
    throw new Error(`its server ${major}.${minor} is older than ${OLDEST_SERVER.join('.')}`);
}

async function verify(path: string): Promise<void> {
  const { stdout } = await promisify(execFile)(path, ['--version'], { timeout: 30_000 });
  checkServerVersion(stdout);
}

const goInstall: Source = {
  name: `go install github.com/temporalio/cli/cmd/temporal@v${TEMPORAL_CLI_VERSION}`,
  obtain: async ({ into, scratch, onProgress, signal }) => {
    const go = findOnPath('go');
    if (go === undefined) throw new Error('there is no Go toolchain on PATH');
    const env = {
      GOBIN: into,
      GOPATH: join(scratch, 'go'),
      GOMODCACHE: join(scratch, 'go/pkg/mod'),
      GOCACHE: join(scratch, 'go-build'),
      GOFLAGS: '-modcacherw', // Else the module cache cannot be removed without changing modes first.
      CGO_ENABLED: '0', // Needs no C compiler, and the result runs on any system of this architecture.
    };
    const module = 'github.com/temporalio/cli';
    const ldflags = `-s -w -X ${module}/temporalcli.Version=${TEMPORAL_CLI_VERSION}`;
    const args = ['install', '-ldflags', ldflags, `${module}/cmd/temporal@v${TEMPORAL_CLI_VERSION}`];
    await runLogged(
      { command: go, args, env, cwd: scratch },
      {
        logPath: join(scratch, 'go-install.log'),
        doing: () => 'building the Temporal CLI with Go (about 150 s on two cores)',
        onProgress,
        signal,
        overdue: (elapsedMs) =>
          elapsedMs > GO_LIMIT_MS ? `took longer than ${GO_LIMIT_MS / 60_000} minutes` : undefined,
      },
    );
  },
};

const artifact: Artifact = {
  title: 'Temporal CLI',
  folder: 'temporal',
  version: TEMPORAL_CLI_VERSION,
  executable: 'temporal',
  verify,
  sources: [sdkDownload('dev-server', TEMPORAL_CLI_VERSION, 'temporal'), goInstall],
  advice:
    'Install the Temporal CLI so that `temporal` is on PATH, install Go, or name a running server by TEMPORAL_ADDRESS.',
};

/**
 * The path of a `temporal` binary that has a development server: the one on PATH, the cached one, the SDK's download, or
 * one built with Go. The first time may take minutes.
 * @throws NotAcquiredError when none of these ways works here
 */
export async function acquireTemporal(options: AcquireOptions = {}): Promise<string> {
  const onPath = findOnPath('temporal');
  if (onPath === undefined) return acquire(artifact, options, ['temporal on PATH: not there']);
  try {
    await verify(onPath);
    return onPath;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    options.onProgress?.(`not using ${onPath}: ${reason}`);
    return acquire(artifact, options, [`${onPath}: ${reason}`]);
  }
}
