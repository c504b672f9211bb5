import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  acquireTimeSkippingServer,
  startTemporalServer,
  type TemporalServer,
  type TemporalServerOptions,
} from '@holdfast/platform/temporal-server';
import { TestWorkflowEnvironment, type TimeSkippingTestWorkflowEnvironmentOptions } from '@temporalio/testing';

/**
 * A real development server of its own for a suite: free port, no UI, database in a temporary directory that `stop`
 * removes. After `kill` start another one with `startTemporalServer` on the same `dataDir`, and remove that yourself.
 * @throws NotAcquiredError, ChildNotReadyError
 */
export async function startTestTemporal(
  options: Omit<TemporalServerOptions, 'dataDir'> = {},
): Promise<TemporalServer & { readonly dataDir: string }> {
  const dataDir = await mkdtemp(join(tmpdir(), 'holdfast-temporal-'));
  const remove = (): Promise<void> => rm(dataDir, { recursive: true, force: true });
  try {
    const server = await startTemporalServer({ headless: true, ...options, dataDir });
    const stop = async (): Promise<void> => {
      await server.stop();
      await remove();
    };
    return { ...server, dataDir, stop };
  } catch (error) {
    await remove();
    throw error;
  }
}

/**
 * A workflow environment in which time passes at once while workflows only wait. Call `teardown` at the end. It knows no
 * search attributes, schedules or heartbeat details of failed activities: test those on a development server.
 * @throws NotAcquiredError when the test server cannot be obtained here
 */
export async function startTimeSkipping(
  options: TimeSkippingTestWorkflowEnvironmentOptions = {},
): Promise<TestWorkflowEnvironment> {
  const path = await acquireTimeSkippingServer();
  const server = { ...options.server, executable: { type: 'existing-path' as const, path } };
  for (let attempt = 1; ; attempt++) {
    try {
      return await TestWorkflowEnvironment.createTimeSkipping({ ...options, server });
    } catch (error) {
      // The SDK gives it five seconds, which a busy machine may need more of; the next one finds the disk warm.
      const late = error instanceof Error && /did not start within/.test(error.message);
      if (!late || attempt === ATTEMPTS) throw error;
    }
  }
}

const ATTEMPTS = 5;
