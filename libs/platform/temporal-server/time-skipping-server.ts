import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { freePort, launch, LogFile, whenReady } from '@holdfast/platform/processes';
import { acquire, type AcquireOptions, type Artifact, type Source } from './acquisition';
import { findOnPath } from './cache';
import { listening } from './listening';
import { runLogged } from './run-logged';
import { sdkDownload } from './sdk-download';

export const TEST_SERVER_VERSION = '1.38.0';
const EXECUTABLE = 'temporal-test-server';
const MAVEN_LIMIT_MS = 10 * 60_000;

const POM = `<?xml version="1.0" encoding="UTF-8"?>
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>holdfast</groupId>
  <artifactId>temporal-test-server</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>io.temporal</groupId>
      <artifactId>temporal-test-server</artifactId>
      <version>${TEST_SERVER_VERSION}</version>
    </dependency>
  </dependencies>
</project>
`;

/** The first compiler tier and the serial collector: a short run on few cores gains nothing from more. */
const SCRIPT = `#!/bin/sh
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd) || exit 1
exec java -Xmx256m -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp "$here/jars/*" io.temporal.testserver.TestServer "$@"
`;

const maven: Source = {
  name: `Maven (io.temporal:temporal-test-server:${TEST_SERVER_VERSION})`,
  obtain: async ({ into, scratch, onProgress, signal }) => {
    const command = findOnPath('mvn');
    if (command === undefined) throw new Error('there is no mvn on PATH');
    if (findOnPath('java') === undefined) throw new Error('there is no java on PATH');
    const pom = join(scratch, 'pom.xml');
    writeFileSync(pom, POM);
    const output = `-DoutputDirectory=${join(into, 'jars')}`;
    const args = ['-q', '-B', '-f', pom, 'dependency:copy-dependencies', output, '-DincludeScope=runtime'];
    await runLogged(
      { command, args, cwd: scratch },
      {
        logPath: join(scratch, 'maven.log'),
        doing: () => 'fetching the test server with Maven (38 MB)',
        onProgress,
        signal,
        overdue: (elapsedMs) =>
          elapsedMs > MAVEN_LIMIT_MS ? `took longer than ${MAVEN_LIMIT_MS / 60_000} minutes` : undefined,
      },
    );
    writeFileSync(join(into, EXECUTABLE), SCRIPT);
    chmodSync(join(into, EXECUTABLE), 0o755);
  },
};

/** A new one is started once; a cached one has been, so only what it needs from outside is looked for. */
async function verify(path: string, age: 'cached' | 'new'): Promise<void> {
  if (age === 'cached') {
    if (existsSync(join(dirname(path), 'jars')) && findOnPath('java') === undefined)
      throw new Error('there is no java on PATH');
    return;
  }
  const port = await freePort();
  const log = new LogFile(`${path}.log`, 0);
  const running = await launch({ command: path, args: [String(port)] }, log);
  try {
    const probe = (): Promise<boolean> => listening('127.0.0.1', port).then(() => true);
    await whenReady(running, { by: 'probe', probe }, { name: EXECUTABLE, log, timeoutMs: 60_000 });
  } finally {
    await running.kill();
  }
}

const artifact: Artifact = {
  title: 'time-skipping Temporal test server',
  folder: 'temporal-test-server',
  version: TEST_SERVER_VERSION,
  executable: EXECUTABLE,
  verify,
  sources: [sdkDownload('time-skipping', TEST_SERVER_VERSION, EXECUTABLE), maven],
  advice: 'Install Java and Maven so that `java` and `mvn` are on PATH, or allow the SDK to download the server.',
};

/**
 * The path of an executable for `TestWorkflowEnvironment.createTimeSkipping({ server: { executable: { type:
 * 'existing-path', path } } })`: the cached one, the SDK's download, or the one that Maven has, run by Java.
 * @throws NotAcquiredError when none of these ways works here
 */
export function acquireTimeSkippingServer(options: AcquireOptions = {}): Promise<string> {
  return acquire(artifact, options);
}
