import { type BeforeApplicationShutdown, Inject, Injectable, Logger } from '@nestjs/common';
import { newId } from '@holdfast/kernel';
import { AUDITOR, type Auditor, type AuditRecord } from './audit';

const MINUTE_MS = 60_000;
/** Different refusals of a minute that are told apart; what is beyond is told together. */
const MOST = 500;

type Refusal = Pick<AuditRecord, 'action' | 'actor' | 'actorKind' | 'code' | 'request'>;

/**
 * Tells the audit log who was refused what: the first of a principal, route and code at once, and how many more there were when the minute is over. A flood of
 * refusals makes as many entries as there are routes. Nobody waits for them: a refusal gives nothing away.
 */
@Injectable()
export class Refusals implements BeforeApplicationShutdown {
  private readonly log = new Logger('Audit');
  private minute = new Map<string, { readonly first: Refusal; more: number }>();
  private timer: NodeJS.Timeout | undefined;

  constructor(@Inject(AUDITOR) private readonly auditor: Auditor) {}

  beforeApplicationShutdown(): Promise<void> {
    return this.flush();
  }

  note(refusal: Refusal): void {
    const { actor, action, code = '' } = refusal;
    const key = this.minute.size < MOST ? `${actor} ${action} ${code}` : '';
    const known = this.minute.get(key);
    if (known) {
      known.more += 1;
      return;
    }
    this.minute.set(key, { first: refusal, more: 0 });
    this.timer ??= setTimeout(() => void this.flush(), MINUTE_MS).unref();
    void this.write(refusal, 1);
  }

  /** Tells how many more there were, and begins anew. */
  async flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    const over = [...this.minute.values()];
    this.minute = new Map();
    await Promise.all(over.filter(({ more }) => more > 0).map(({ first, more }) => this.write(first, more)));
  }

  private async write({ action, actor, actorKind, code, request }: Refusal, count: number): Promise<void> {
    const refusal = { action, actor, actorKind, request, ...(code !== undefined && { code }) };
    const subject = { kind: 'route', id: action };
    await this.auditor
      .write({ ...refusal, subject, id: newId(), kind: 'refusal', outcome: 'denied', count })
      .catch((error: unknown) => this.log.error(error));
  }
}
