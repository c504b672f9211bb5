import { Injectable } from '@nestjs/common';
import { DomainError, type FieldProblem, invalid, type Micros, Recent } from '@holdfast/kernel';
import { ChangeAnnouncer } from './change-announcer.service';
import { ChangesStore, type ChangeFilter } from './changes.store';
import { type Change, changeOf, type ChangeReport, concerns, KIND_LABEL } from './core/change';
import type { Labels } from './core/matcher';
import { LONGEST_CHANGE_SECONDS } from './suppression.schemas';

/** How old changes may be that are not read anew, in milliseconds. */
const STALENESS_MS = 1_000;
const HOUR: Micros = 3_600_000_000;
const LONGEST: Micros = LONGEST_CHANGE_SECONDS * 1_000_000;
/** How far the clock of who tells may be ahead. */
const AHEAD: Micros = 300_000_000;

/** What somebody tells; now where `at` is not given. */
export interface Told extends Omit<ChangeReport, 'at' | 'reportedBy' | 'reportedAt'> {
  readonly at?: Micros | undefined;
}

/** Changes of systems: told by those who make them, and read by windows and by those who look for causes. */
@Injectable()
export class ChangesService {
  private known: { readonly hour: number; readonly changes: Recent<Change[]> } | undefined;

  constructor(
    private readonly store: ChangesStore,
    private readonly announcer: ChangeAnnouncer,
  ) {}

  /**
   * Notes one state of a change. A state that was told before stays as it was told first.
   * @throws DomainError `invalid` when it is in the future; `conflict` when it contradicts what was told before; `unavailable` when it is noted and could not be handed on:
   * a repeat hands it on
   */
  async tell({ at: toldAt, ...told }: Told, by: string, now: Micros): Promise<Change> {
    const at = toldAt ?? now;
    if (at > now + AHEAD)
      throw invalid('change_in_the_future', 'a change is told when it happens', [
        { field: 'at', reason: 'is in the future; leave it out for now' },
      ]);
    const before = await this.store.reports([told.id]);
    const known = before.length > 0 ? changeOf(before) : undefined;
    const wrong = known ? differences(known, told) : [];
    if (wrong.length > 0)
      throw new DomainError('conflict', 'change_differs', 'the change was told otherwise before', { fields: wrong });
    const isNews = !before.some(({ state }) => state === told.state);
    const report = { ...told, at, reportedBy: by, reportedAt: now };
    if (isNews) {
      await this.store.add(report);
      this.known = undefined;
    }
    // Also of a repeat: the first one may have ended before this.
    await this.announcer.announce({ change: told.id, state: told.state });
    return known && !isNews ? known : changeOf([...before, report]);
  }

  /** @throws DomainError `not_found` */
  async change(id: string): Promise<Change> {
    const reports = await this.store.reports([id]);
    if (reports.length === 0) throw new DomainError('not_found', 'change_not_found', 'there is no such change');
    return changeOf(reports);
  }

  /** Of which something was told for [from, to): the one of which the first such thing is newest first, behind a place in that order. */
  async list(
    filter: ChangeFilter,
    before: readonly [Micros, string] | undefined,
    limit: number,
  ): Promise<(Change & { readonly place: Micros })[]> {
    const found = await this.store.list(filter, before, limit);
    const changes = await this.byId(found.map(({ id }) => id));
    return found.map(({ id, place }) => ({ ...changes.get(id)!, place }));
  }

  /**
   * Changes that may have to do with what has these labels, and of which something was told for [from, to), newest first; at most {@link STALENESS_MS} old.
   * @param from at most {@link LONGEST} before `to`
   */
  async recent(labels: Labels, from: Micros, to: Micros, limit: number): Promise<Change[]> {
    const firstAt = ({ reports }: Change): Micros =>
      Math.min(...reports.map(({ at }) => at).filter((at) => at >= from && at < to));
    return (await this.around(to))
      .filter((one) => Number.isFinite(firstAt(one)) && concerns(one, labels))
      .sort((a, b) => firstAt(b) - firstAt(a))
      .slice(0, limit);
  }

  /** Of which something was told for [from, to). */
  async within(from: Micros, to: Micros): Promise<Change[]> {
    return changesOf(await this.store.within(from, to));
  }

  /** Changes that can keep a window open then: at most {@link STALENESS_MS} old. */
  around(at: Micros): Promise<Change[]> {
    const hour = Math.floor(at / HOUR);
    if (this.known?.hour !== hour) {
      const [from, to] = [hour * HOUR - LONGEST, (hour + 1) * HOUR + AHEAD];
      this.known = { hour, changes: new Recent(() => this.within(from, to), STALENESS_MS) };
    }
    return this.known.changes.get();
  }

  private async byId(ids: readonly string[]): Promise<Map<string, Change>> {
    if (ids.length === 0) return new Map();
    return new Map(changesOf(await this.store.reports(ids)).map((one) => [one.id, one]));
  }
}

function changesOf(reports: readonly ChangeReport[]): Change[] {
  const byId = new Map<string, ChangeReport[]>();
  for (const one of reports) byId.set(one.id, [...(byId.get(one.id) ?? []), one]);
  return [...byId.values()].map(changeOf);
}

/** What was said of it before, and differently. */
function differences({ kind, labels }: Change, told: Told): FieldProblem[] {
  const differing = Object.keys(told.labels).filter(
    (name) => name !== KIND_LABEL && Object.hasOwn(labels, name) && labels[name] !== told.labels[name],
  );
  return [
    ...(kind === told.kind ? [] : [{ field: 'kind', reason: `was ${kind} before` }]),
    ...differing.map((name) => ({ field: `labels.${name}`, reason: 'had another value before' })),
  ];
}
