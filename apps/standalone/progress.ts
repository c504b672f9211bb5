import { describeExit, type Supervisor } from '@holdfast/platform/processes';

const TITLE: Readonly<Record<string, string>> = {
  clickhouse: 'ClickHouse',
  temporal: 'Temporal',
  'audit-log': 'the audit log',
  worker: 'the worker',
  api: 'the API',
  pagerduty: 'the PagerDuty emulator',
};

export const titleOf = (name: string): string => TITLE[name] ?? name;

/** Tells what becomes of the processes of a supervisor. */
export function tellOf(supervisor: Supervisor, onProgress: (message: string) => void): void {
  const startedAt = performance.now();
  const seconds = (): string => `${((performance.now() - startedAt) / 1000).toFixed(1)} s`;
  supervisor.on('leftover', ({ name, pid }) => onProgress(`ended process ${pid}, ${titleOf(name)} of an earlier run`));
  supervisor.on('started', ({ name }) => onProgress(`${titleOf(name)} runs, ${seconds()}`));
  supervisor.on('exited', ({ name, expected, ...exit }) =>
    onProgress(
      !expected
        ? `${titleOf(name)} ${describeExit(exit)}; starting it again`
        : `${titleOf(name)} has stopped${exit.code === 0 ? '' : `: ${describeExit(exit)}`}`,
    ),
  );
  supervisor.on('restarted', ({ name }) => onProgress(`${titleOf(name)} is back`));
  supervisor.on('failed', ({ name, error }) =>
    onProgress(`${titleOf(name)} did not come back, trying again: ${error.message.split('\n', 1)[0] ?? ''}`),
  );
}
