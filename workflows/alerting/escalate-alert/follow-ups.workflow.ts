import { activitiesOf } from '@holdfast/platform/workflow-kit';
import { ActivityFailure, ApplicationFailure } from '@temporalio/workflow';
import { escalateAlert, type SentPage } from './contract';
import type { Journal } from './journal.workflow';

const { followUp } = activitiesOf(escalateAlert);

/** The pages that may have been delivered, and what their channels were told of them since. */
export class FollowUps {
  private readonly sent: Map<string, SentPage>;
  private readonly telling = new Map<string, Promise<void>>();
  private beingTold = 0;

  constructor(
    private readonly alertId: string,
    private readonly journal: Journal,
    sentBefore: readonly SentPage[],
  ) {
    this.sent = new Map(sentBefore.map((one) => [keyOf(one), one]));
  }

  keep(page: SentPage): void {
    this.sent.set(keyOf(page), page);
  }

  all(): SentPage[] {
    return [...this.sent.values()];
  }

  /** Whether there are pages whose channels do not know yet that somebody took care. */
  get hasUntold(): boolean {
    return this.all().some(({ told }) => told === 'nothing');
  }

  get isIdle(): boolean {
    return this.beingTold === 0;
  }

  /** Tells every page that was not told so, each in its turn. */
  async tellAll(action: 'acknowledge' | 'resolve', by: string): Promise<void> {
    const state = action === 'acknowledge' ? 'acknowledged' : 'resolved';
    const due = this.all().filter(({ told }) => told !== 'resolved' && told !== state);
    for (const one of due) this.keep({ ...one, told: state });
    await Promise.all(due.map((one) => this.tell(one, action, by)));
  }

  /** After what is being told of the page already. */
  private tell(page: SentPage, action: 'acknowledge' | 'resolve', by: string): Promise<void> {
    const { dedupKey, destination, ref } = page;
    const before = this.telling.get(keyOf(page)) ?? Promise.resolve();
    this.beingTold += 1;
    const told = before.then(async () => {
      try {
        await followUp({ alertId: this.alertId, action, page: { dedupKey, destination }, ref, by });
      } catch (error) {
        void this.journal.note({ kind: 'follow_up_failed', code: codeOf(error), dedupKey, destination });
      } finally {
        this.beingTold -= 1;
      }
    });
    this.telling.set(keyOf(page), told);
    return told;
  }
}

const keyOf = ({ dedupKey, destination }: SentPage): string => `${dedupKey} ${JSON.stringify(destination)}`;

/** Why an activity failed for good: the code of its error. */
export function codeOf(error: unknown): string {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  return cause instanceof ApplicationFailure ? (cause.type ?? 'fault') : 'fault';
}
