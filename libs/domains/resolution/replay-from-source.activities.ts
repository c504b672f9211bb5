import { createHash } from 'node:crypto';
import { reconciliationId } from '@holdfast/domains/reconciliation/core/window';
import { DomainError, formatInstant } from '@holdfast/kernel';
import { Implements } from '@holdfast/platform/temporal';
import type { ActivitiesOf } from '@holdfast/platform/workflow-kit';
import {
  type Replay,
  type ReplayedBatch,
  replayFromSource,
  type ReplayOutcome,
} from '@holdfast/workflows/resolution/replay-from-source/contract';
import { Context } from '@temporalio/activity';
import { Connectors } from './connectors';
import { ResolutionStore } from './resolution.store';
import { RuleService } from './rule.service';

const HEARTBEAT_MS = 1_000;

/** The steps of having keys sent again. */
@Implements(replayFromSource)
export class ReplayFromSourceActivities implements ActivitiesOf<typeof replayFromSource> {
  constructor(
    private readonly rules: RuleService,
    private readonly store: ResolutionStore,
    private readonly connectors: Connectors,
  ) {}

  async send({ window, decision, rule, version }: Replay, after: string): Promise<ReplayedBatch> {
    const { action } = await this.rules.ruleAt(rule, version);
    if (action.kind !== 'replay')
      throw new DomainError('conflict', 'connector_missing', 'the rule sends nothing again');
    const { connector, batch, timeoutSeconds, settleSeconds } = action;
    const reconciliation = reconciliationId(window);
    const found = await this.store.replayKeys(reconciliation, rule, decision, after, batch + 1);
    const sent = found.slice(0, batch);
    if (sent.length === 0) return { keys: 0, next: null, settleSeconds };
    const beating = setInterval(() => Context.current().heartbeat(), HEARTBEAT_MS);
    try {
      const request = {
        process: window.process,
        reconciliation,
        from: formatInstant(window.from),
        to: formatInstant(window.to),
        rule,
        keys: sent.map(({ key }) => key),
      };
      const idempotencyKey = createHash('sha256').update(`${decision}/${after}`).digest('hex');
      await this.connectors.send(
        connector,
        request,
        idempotencyKey,
        timeoutSeconds * 1000,
        Context.current().cancellationSignal,
      );
    } finally {
      clearInterval(beating);
    }
    return { keys: sent.length, next: found.length > batch ? sent.at(-1)!.place : null, settleSeconds };
  }

  async record({ window, decision }: Replay, outcome: ReplayOutcome): Promise<void> {
    const reconciliation = reconciliationId(window);
    const made = await this.store.decision(reconciliation, decision);
    if (made) await this.store.addDecisions(reconciliation, [{ ...made, outcome }], made.decidedAt + 1);
  }
}
