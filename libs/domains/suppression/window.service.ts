import { Injectable } from '@nestjs/common';
import type { Expected, Version } from '@holdfast/domains/register/core/document';
import { type DocumentKind, RegisterService } from '@holdfast/domains/register/register.service';
import { DomainError, type FieldProblem, formatInstant, invalid, type Micros } from '@holdfast/kernel';
import type { WindowDefinition } from './core/window';
import { matcherFaults } from './matcher-faults';
import { firstOccurrence, spansOf } from './occurrences';
import { WindowSchema } from './suppression.schemas';

const WINDOW: DocumentKind<WindowDefinition> = { kind: 'suppression-window', body: WindowSchema };
const SECOND: Micros = 1_000_000;
export type Window = Version<WindowDefinition>;

/** Suppression windows: versioned documents. */
@Injectable()
export class WindowService {
  constructor(private readonly register: RegisterService) {}

  /** @throws DomainError `not_found` */
  window(id: string): Promise<Window> {
    return this.register.get(WINDOW, id);
  }

  list(after: string, limit: number): Promise<(Window & { readonly id: string })[]> {
    return this.register.list(WINDOW, after, limit);
  }

  /** Newest first, of versions below `before`. @throws DomainError `not_found` */
  history(id: string, before: number, limit: number): Promise<Window[]> {
    return this.register.history(WINDOW, id, before, limit);
  }

  /** As they are now, or were a second ago. The same objects until they change. */
  every(): Promise<ReadonlyMap<string, Window>> {
    return this.register.everyCurrentOf(WINDOW);
  }

  /** @returns the version that the window has now @throws DomainError `invalid` when it can never mute, or could take long; as RegisterService.change does */
  async put(id: string, window: WindowDefinition, expected: Expected, by: string, at: Micros): Promise<number> {
    await this.check(window);
    return this.register.change(WINDOW, id, window, expected, by, at);
  }

  /** @throws DomainError `invalid`, naming each field that cannot be used. @param at field that the window stands in */
  async check({ matchers, when }: WindowDefinition, at = ''): Promise<void> {
    const wrong: FieldProblem[] = await matcherFaults(matchers, `${at}matchers`);
    if (when.kind === 'deployment') wrong.push(...(await matcherFaults(when.changes, `${at}when.changes`)));
    if (when.kind === 'recurring' && firstOccurrence(when) === undefined)
      wrong.push({ field: `${at}when.rrule`, reason: 'does not occur within ten years of start' });
    if (when.kind === 'one-off' && spansOf(when, 0, Number.MAX_SAFE_INTEGER).length === 0)
      wrong.push({ field: `${at}when.to`, reason: 'is when the clocks skip from and to: the window would not happen' });
    if (wrong.length > 0) throw invalid('unusable_window', 'the window cannot be used; errors lists why', wrong);
  }

  /**
   * Ends a one-off window that is going on, as its next version.
   * @returns the version @throws DomainError `not_found`; `conflict` when it is not going on, or not a one-off; as RegisterService.change does
   */
  async end(id: string, by: string, now: Micros): Promise<number> {
    const { version, body } = await this.window(id);
    if (body.when.kind !== 'one-off')
      throw new DomainError('conflict', 'window_not_one_off', 'only a one-off window is ended; disable this one');
    const [span] = body.enabled ? spansOf(body.when, now, now + 1) : [];
    if (!span) throw new DomainError('conflict', 'window_not_active', 'the window is not going on');
    const to = Math.max(Math.floor(now / SECOND) * SECOND, span.from + 1);
    const when = { kind: 'one-off', from: formatInstant(span.from), to: formatInstant(to) } as const;
    return this.register.change(WINDOW, id, { ...body, when }, { version }, by, now);
  }
}
