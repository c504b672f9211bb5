import { Command } from 'commander';
import { addAlerts } from './commands/alerts';
import { addArchives } from './commands/archives';
import { addAudit } from './commands/audit';
import { addChanges } from './commands/changes';
import { addChannels } from './commands/channels';
import { addComparisons } from './commands/comparisons';
import { addContracts } from './commands/contracts';
import { addDecisions } from './commands/decisions';
import { addDemo } from './commands/demo';
import { addDiff } from './commands/diff';
import { addEvents } from './commands/events';
import { addFindings } from './commands/findings';
import { addGate } from './commands/gate';
import { addIngest } from './commands/ingest';
import { addIntake } from './commands/intake';
import { addKeys } from './commands/keys';
import { addKpis } from './commands/kpis';
import { addMigrate } from './commands/migrate';
import { addMappings } from './commands/mappings';
import { addObjectives } from './commands/objectives';
import { addOnCall } from './commands/on-call';
import { addPolicies } from './commands/policies';
import { addPrivacy } from './commands/privacy';
import { addProcesses } from './commands/processes';
import { addQuarantine } from './commands/quarantine';
import { addReconcile } from './commands/reconcile';
import { addResolutionRules } from './commands/resolution-rules';
import { addHolds } from './commands/holds';
import { addRetention } from './commands/retention';
import { addRules } from './commands/rules';
import { addReferences } from './commands/references';
import { addSources } from './commands/sources';
import { addSuppressions } from './commands/suppressions';
import { addHeartbeats } from './commands/heartbeats';
import { addSynthetics } from './commands/synthetics';
import { addUp } from './commands/up';
import { wholeNumber } from './context';
import { EXIT_HELP } from './exit';
import { DEFAULT_URL } from './settings';

/** The whole command line. */
export function makeProgram(): Command {
  const program = new Command('holdfast')
    .description('Proves that nothing got lost between systems, and wakes the right person when something did.')
    .option('--url <address>', `address of the API (HOLDFAST_URL; default ${DEFAULT_URL})`)
    .option('--key <key>', 'key to show; others on this machine may see it in the list of processes (HOLDFAST_KEY)')
    .option('--key-file <file>', 'file that holds the key (HOLDFAST_KEY_FILE; default: that of `holdfast up`)')
    .option('--json', 'answer with one JSON document, or NDJSON for lists, and nothing else on standard output')
    .option('--retry-for <seconds>', 'how long to repeat what the API cannot do now', wholeNumber(0, 86_400))
    .helpCommand(false)
    .showHelpAfterError('(--help shows what there is)')
    .addHelpText('after', EXIT_HELP)
    .exitOverride();
  addUp(program);
  addDemo(program);
  addDiff(program);
  addComparisons(program);
  addIngest(program);
  addIntake(program);
  addEvents(program);
  addReconcile(program);
  addDecisions(program);
  addGate(program);
  addResolutionRules(program);
  addRules(program);
  addAlerts(program);
  addOnCall(program);
  addSuppressions(program);
  addChanges(program);
  addChannels(program);
  addSynthetics(program);
  addHeartbeats(program);
  addFindings(program);
  addObjectives(program);
  addReferences(program);
  addKpis(program);
  addQuarantine(program);
  addArchives(program);
  addProcesses(program);
  addSources(program);
  addContracts(program);
  addPolicies(program);
  addPrivacy(program);
  addRetention(program);
  addHolds(program);
  addMappings(program);
  addAudit(program);
  addKeys(program);
  addMigrate(program);
  adoptSettings(program);
  return program;
}

/** Commander hands its settings to commands that it makes, and not to groups that were made before. */
function adoptSettings(command: Command): void {
  for (const child of command.commands) {
    child.copyInheritedSettings(command);
    adoptSettings(child);
  }
}
