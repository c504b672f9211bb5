import type { AlertState } from '@holdfast/domains/alerting/core/alert';
import {
  type Effect,
  type Escalation,
  type EscalationEvent,
  newEscalation,
  stepped,
} from '@holdfast/domains/alerting/core/escalation';
import type { PolicySnapshot } from '@holdfast/domains/alerting/core/escalation-policy';
import type { Journal } from './journal.workflow';

type ToPage = Extract<Effect, { do: 'page' }>;

/** The machine of core/escalation.ts with what drives it: events take effect at once, also those that come before the policy is known. */
export class Machine {
  private current: Escalation | undefined;
  private readonly early: EscalationEvent[] = [];
  private readonly toPage: ToPage[] = [];
  /** Goes up with all that happens. */
  changes = 0;

  constructor(
    private readonly journal: Journal,
    private readonly giveUp: (because: 'answered' | 'superseded', level?: number) => void,
    goesOn: Escalation | undefined,
  ) {
    this.current = goesOn;
  }

  /** The policy is known; undefined: there is nothing to escalate. */
  begin(policy: PolicySnapshot | undefined, gatherSeconds: number): void {
    this.current = newEscalation(policy ?? NOBODY);
    this.happens(policy ? { is: 'opened', gatherSeconds } : { is: 'resolved' });
    for (const event of this.early.splice(0)) this.happens(event);
  }

  happens(event: EscalationEvent): void {
    this.changes += 1;
    if (!this.current) {
      this.early.push(event);
      return;
    }
    const { state, effects } = stepped(this.current, event, Date.now() * 1000);
    this.current = state;
    for (const effect of effects)
      if (effect.do === 'note') void this.journal.note(effect.happening);
      else if (effect.do === 'give_up') this.giveUp(effect.because, effect.level);
      else this.toPage.push(effect);
  }

  /** Pages that are to be sent, each told once: the main loop sends them, in a scope that nobody cancels. */
  takePages(): ToPage[] {
    return this.toPage.splice(0);
  }

  /** Undefined until the policy is known. */
  get escalation(): Escalation | undefined {
    return this.current;
  }

  get isResolved(): boolean {
    return this.current?.phase.is === 'resolved' || this.early.some(({ is }) => is === 'resolved');
  }

  /** Somebody took it, and did not give it back. */
  get isTaken(): boolean {
    const isEarly = this.early.some(({ is }) => is === 'acknowledged');
    return this.isResolved || this.current?.phase.is === 'acknowledged' || isEarly;
  }

  get isIdle(): boolean {
    return this.toPage.length === 0 && this.current !== undefined && this.current.phase.is !== 'preparing';
  }

  get state(): AlertState {
    if (this.isResolved) return 'resolved';
    if (this.isTaken) return 'acknowledged';
    return this.current?.phase.is === 'snoozed' ? 'snoozed' : 'open';
  }
}

const NOBODY = { levels: [], repeats: 0 };
