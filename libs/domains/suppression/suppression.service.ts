import { Injectable } from '@nestjs/common';
import type { Micros } from '@holdfast/kernel';
import { ChangesService } from './changes.service';
import {
  aimedAt,
  calmAt,
  countedFrom,
  type Firing,
  inhibitionMuting,
  type Muting,
  type PlacedWindow,
  windowMuting,
} from './core/muting';
import { matches } from './core/matcher';
import { joined, type Span, type When, type WindowDefinition, within } from './core/window';
import { FlappingService } from './flapping.service';
import { InhibitionService } from './inhibition.service';
import { spansOf, spansOfChanges } from './occurrences';
import { LONGEST_CHANGE_SECONDS } from './suppression.schemas';
import { type Window, WindowService } from './window.service';

const DAY: Micros = 86_400_000_000;
const LONGEST_CHANGE: Micros = LONGEST_CHANGE_SECONDS * 1_000_000;
/** Spans of a window are kept for so long ahead. */
const KEPT: Micros = 8 * DAY;

/** What alerting knows, for when it is needed. */
export interface Facts {
  /** Every alert that is open, muted or not; the one that is asked about may be among them. */
  openAlerts(): Promise<readonly Firing[]>;
  /** How often the alert's fingerprint was raised from then on, this time included. */
  raisedSince(from: Micros): Promise<number>;
}

/** A span in which a window mutes; `change` opened it, '' for none. */
export interface Occurrence extends Span {
  readonly change: string;
  readonly isOpenEnded: boolean;
}
export interface ActiveWindow extends Occurrence {
  readonly id: string;
  readonly window: Window;
}
/** An alert of the past, with when a window would have muted it. */
export interface WouldMute {
  readonly alertId: string;
  readonly spans: readonly Span[];
}

/** Whether somebody is to be told of an alert, and who says no. Alerts are raised, judged and resolved all the same. */
@Injectable()
export class SuppressionService {
  /** By what a document's body is: the same object until it changes. */
  private readonly kept = new WeakMap<When, Span & { readonly spans: Span[] }>();

  constructor(
    private readonly windows: WindowService,
    private readonly inhibitions: InhibitionService,
    private readonly flapping: FlappingService,
    private readonly changes: ChangesService,
  ) {}

  /** Who mutes an alert then: a window before a rule of inhibition, that before one of flapping. By documents and changes that are at most a second old. */
  async muting(alert: Firing, at: Micros, facts: Facts): Promise<Muting | undefined> {
    const windows = [...(await this.windows.every())].filter(
      ([, { body }]) => body.enabled && matches(body.matchers, alert.labels),
    );
    const byWindow = windowMuting(await this.placed(windows, at), alert, at);
    if (byWindow) return byWindow;
    const rules = aimedAt(await this.inhibitions.inForce(), alert);
    const inhibited = rules.length > 0 && inhibitionMuting(rules, alert, await facts.openAlerts());
    return inhibited || this.flaps(alert, at, facts);
  }

  private async flaps(alert: Firing, at: Micros, facts: Facts): Promise<Muting | undefined> {
    let found: (Muting & { readonly until: Micros }) | undefined;
    for (const rule of await this.flapping.every()) {
      const until = calmAt(rule, alert, at);
      if (until === undefined || (found && until <= found.until)) continue;
      if ((await facts.raisedSince(countedFrom(rule, alert))) < rule.raises) continue;
      found = { kind: 'flapping', by: rule.id, until };
    }
    return found;
  }

  /** Windows that mute something then. */
  async active(at: Micros): Promise<ActiveWindow[]> {
    const windows = [...(await this.windows.every())].filter(([, { body }]) => body.enabled);
    const placed = await this.placed(windows, at);
    return placed.flatMap(({ id, spans }, i) =>
      spans
        .filter(({ from, to }) => from <= at && at < to)
        .map((one) => ({ change: '', isOpenEnded: false, ...one, id, window: windows[i]![1] })),
    );
  }

  /** When a window mutes, or did, within [from, to): occurrences as a whole. Of changes, those that are known. */
  async occurrences({ when }: WindowDefinition, from: Micros, to: Micros): Promise<Occurrence[]> {
    if (when.kind !== 'deployment')
      return spansOf(when, from, to).map((one) => ({ ...one, change: '', isOpenEnded: false }));
    const changes = await this.changes.within(from - LONGEST_CHANGE, to);
    return spansOfChanges(when, changes).filter((one) => one.from < to && one.to > from);
  }

  /** Which of these alerts a window would have muted within [from, to), and when; those that it would not are left out. */
  async preview(
    window: WindowDefinition,
    from: Micros,
    to: Micros,
    alerts: readonly (Firing & { readonly endedAt?: Micros | undefined })[],
  ): Promise<WouldMute[]> {
    const spans = joined(await this.occurrences(window, from, to));
    return alerts
      .filter(({ labels }) => matches(window.matchers, labels))
      .map(({ alertId, raisedAt, endedAt = to }) => ({
        alertId,
        spans: within(spans, { from: Math.max(from, raisedAt), to: Math.min(to, endedAt) }),
      }))
      .filter((one) => one.spans.length > 0);
  }

  private async placed(windows: readonly (readonly [string, Window])[], at: Micros): Promise<PlacedWindow[]> {
    const byChanges = windows.some(([, { body }]) => body.when.kind === 'deployment');
    const changes = byChanges ? await this.changes.around(at) : [];
    return windows.map(([id, { body: definition }]) => {
      const { when } = definition;
      return {
        id,
        definition,
        spans: when.kind === 'deployment' ? spansOfChanges(when, changes) : this.spans(when, at),
      };
    });
  }

  /** Kept for some days around, so that an alert costs a look-up and no calendar. */
  private spans(when: Exclude<When, { kind: 'deployment' }>, at: Micros): Span[] {
    const known = this.kept.get(when);
    if (known && known.from <= at && at < known.to - DAY) return known.spans;
    const span = { from: at - DAY, to: at + KEPT };
    const spans = spansOf(when, span.from, span.to);
    this.kept.set(when, { ...span, spans });
    return spans;
  }
}
