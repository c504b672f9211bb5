import type { Command } from 'commander';
import type { ClickHouse } from '@holdfast/platform/clickhouse/clickhouse';
import { addressIn, connect, StoreError } from '@holdfast/platform/clickhouse/connect';
import { MigrationError } from '@holdfast/platform/clickhouse/migrations/migration-error';
import { isApplicable, type Plan } from '@holdfast/platform/clickhouse/migrations/plan';
import { applyMigrations, planMigrations, type Stop } from '@holdfast/platform/clickhouse/migrations/run';
import { ConfigurationError, readVariables } from '@holdfast/platform/config/configuration';
import { isOpen, opensAt, type MaintenanceWindow } from '@holdfast/platform/config/maintenance-window';
import { migrationVariables } from '@holdfast/platform/config/variables';
import { defaultDataDirectory, engineOf } from '../standalone/data-directory';
import { endWith } from './context';
import { describePlan } from './describe-plan';
import { CliError, EXIT, UsageError } from './exit';
import { Output } from './output';
import type { GlobalOptions } from './settings';

/** How long to wait for a store that does not answer. */
const PATIENCE_MS = 5_000;

/** `holdfast migrate plan` */
export async function plan(command: Command): Promise<void> {
  const { output, settings } = settingsOf(command);
  await withStore(settings, async (clickhouse) => {
    const found = await planMigrations(clickhouse, (line) => output.note(line));
    output.document(found, () => [describePlan(found), ...nextStep(found, settings.window)].join('\n'));
    endWith(isApplicable(found) ? EXIT.ok : EXIT.no);
  });
}

/** `holdfast migrate apply` */
export async function apply(command: Command, now: boolean): Promise<void> {
  const { output, settings } = settingsOf(command);
  const { window } = settings;
  const mayRun = (): boolean => now || (window !== undefined && isOpen(window, Date.now()));
  await withStore(settings, async (clickhouse) => {
    const { plan: found, outcome } = await applyMigrations(clickhouse, (line) => output.note(line), { mayRun });
    output.document({ plan: found, ...outcome }, () => {
      if (!outcome) return `${describePlan(found)}\nNothing was applied.`;
      if (outcome.stopped) return stopText(outcome.stopped, window);
      const names = outcome.applied.map((name) => `\n  ${name}`).join('');
      return names === '' ? 'The schema is up to date.' : `The schema is up to date. Applied:${names}`;
    });
    endWith(outcome && !outcome.stopped ? EXIT.ok : EXIT.no);
  });
}

interface Settings {
  readonly variables: ReturnType<typeof readVariables<typeof migrationVariables>>;
  readonly window: MaintenanceWindow | undefined;
}

/** Without CLICKHOUSE_URL, the engine of the stack in the default directory. */
function settingsOf(command: Command): { output: Output; settings: Settings } {
  const { json } = command.optsWithGlobals<GlobalOptions>();
  try {
    const own = process.env['CLICKHOUSE_URL'] ? undefined : engineOf(defaultDataDirectory());
    const variables = readVariables(migrationVariables, { ...process.env, ...own });
    return {
      output: new Output(json === true),
      settings: { variables, window: variables.HOLDFAST_MAINTENANCE_WINDOW },
    };
  } catch (error) {
    throw error instanceof ConfigurationError ? new UsageError(error.message) : error;
  }
}

async function withStore({ variables }: Settings, run: (clickhouse: ClickHouse) => Promise<void>): Promise<void> {
  let clickhouse: ClickHouse | undefined;
  try {
    clickhouse = await connect(addressIn(variables), PATIENCE_MS);
    await run(clickhouse);
  } catch (error) {
    if (error instanceof StoreError || error instanceof MigrationError)
      throw new CliError(error.message, EXIT.no, { cause: error });
    throw error;
  } finally {
    await clickhouse?.close();
  }
}

const NOT_WAITING = '`holdfast migrate apply --now` does not wait for it';

function whenOpen(window: MaintenanceWindow | undefined): string {
  if (!window) return `There is none (HOLDFAST_MAINTENANCE_WINDOW is not set): ${NOT_WAITING}.`;
  const now = Date.now();
  if (isOpen(window, now)) return `It is open (${window.text}).`;
  const opens = new Date(opensAt(window, now)).toISOString().replace(':00.000Z', 'Z');
  return `It opens at ${opens} (${window.text}); ${NOT_WAITING}.`;
}

function stopText({ migration, statement, why }: Stop, window: MaintenanceWindow | undefined): string {
  const reason = why === 'contract' ? 'takes away what older releases may use' : 'rewrites a large table';
  return [
    `Stopped before statement ${statement} of ${migration}: it ${reason}, and waits for the maintenance window.`,
    whenOpen(window),
    'What comes before it is applied and will not be repeated.',
  ].join('\n');
}

function nextStep(found: Plan, window: MaintenanceWindow | undefined): string[] {
  if (found.pending.length === 0) return [];
  if (!isApplicable(found)) return ['It cannot be applied: see to what is named above.'];
  if (!found.pending.some(({ needsWindow }) => needsWindow)) return ['Apply it with `holdfast migrate apply`.'];
  return ['Apply it with `holdfast migrate apply`, in the maintenance window.', whenOpen(window)];
}
