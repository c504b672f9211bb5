import { Injectable } from '@nestjs/common';
import type { Observation } from '@holdfast/domains/findings/core/finding';
import { SETTLED } from '@holdfast/domains/findings/core/settled';
import { FindingRecorder } from '@holdfast/domains/findings/finding-recorder.service';
import type { Micros } from '@holdfast/kernel';
import { type BusinessTable, BusinessTables } from './business-table';
import { isSameScope } from './core/evaluation';
import { type Check, mergeKeys, orphansFrom, type ReferenceDefinition, scopeOf, type Side } from './core/reference';
import { ReferenceService } from './reference.service';
import { ReferenceStore } from './reference.store';

const [SECOND, HOUR]: [Micros, Micros] = [1_000_000, 3_600_000_000];
/** Keys that are looked up at once. */
const AT_ONCE = 1_000;
/** Orphans that are named, of each side. */
const EXAMPLES = 20;
/** Keys after which a check says that it lives. */
const HEARTBEAT_EVERY = 10_000;

/** Orphans of one side, with those that are still to be looked up on the other. */
class Orphans {
  count = 0;
  readonly examples: string[] = [];
  private suspects: string[] = [];

  constructor(private readonly other: BusinessTable) {}

  async suspect(key: string): Promise<void> {
    this.suspects.push(key);
    if (this.suspects.length >= AT_ONCE) await this.lookUp();
  }

  /** What the other side had before the time that is compared, or got after it, is no orphan. */
  async lookUp(): Promise<void> {
    if (this.suspects.length === 0) return;
    const present = await this.other.present(this.suspects);
    for (const key of this.suspects) {
      if (present.has(key)) continue;
      this.count++;
      if (this.examples.length < EXAMPLES) this.examples.push(key);
    }
    this.suspects = [];
  }
}

/** Compares the keys of a stage with business data, both ways: merged in order, so that neither side is ever held. */
@Injectable()
export class ReferenceChecker {
  constructor(
    private readonly references: ReferenceService,
    private readonly tables: BusinessTables,
    private readonly store: ReferenceStore,
    private readonly recorder: FindingRecorder,
  ) {}

  /**
   * A repeat at the same time is kept once, and tells findings nothing new.
   * @param at when it is checked; keys count that came so long before that nothing of them is on its way, and the grace is over
   * @throws DomainError `not_found`
   */
  async check(id: string, at: Micros, heartbeat: () => void, signal: AbortSignal): Promise<Check> {
    const { body: reference, version } = await this.references.reference(id);
    const coversTo = at - Math.max(SETTLED, reference.graceSeconds * SECOND);
    const coversFrom = coversTo - reference.lookbackHours * HOUR;
    const tracking = this.tables.open(reference);
    const business = this.tables.open(reference.business);
    const orphans = { tracking: new Orphans(business), business: new Orphans(tracking) };
    const seen = { tracking: 0, business: 0 };
    const merged = mergeKeys(tracking.keys(coversFrom, coversTo, signal), business.keys(coversFrom, coversTo, signal));
    let steps = 0;
    for await (const { side, entry } of merged) {
      if (++steps % HEARTBEAT_EVERY === 0) heartbeat();
      for (const one of ['tracking', 'business'] satisfies Side[]) if (side === one || side === 'both') seen[one]++;
      if (side !== 'both') await orphans[side].suspect(entry.key);
    }
    await orphans.tracking.lookUp();
    await orphans.business.lookUp();
    const check: Check = {
      ...{ checkedAt: at, version, coversFrom, coversTo },
      ...{ tracked: seen.tracking, business: seen.business },
      orphansInTracking: orphans.tracking.count,
      orphansInBusiness: orphans.business.count,
      examplesInTracking: orphans.tracking.examples,
      examplesInBusiness: orphans.business.examples,
    };
    const [before] = await this.store.checks(id, at, 1);
    await this.store.append(id, check);
    const observations = [
      ...(await this.withdrawn(id, reference, check, before?.version)),
      ...orphansFrom(id, reference, check, before),
    ];
    await this.recorder.record(observations, at);
    return check;
  }

  /** What was found of another stage, which the reference was about when it was checked last, is over. */
  private async withdrawn(
    id: string,
    reference: ReferenceDefinition,
    check: Check,
    version: number | undefined,
  ): Promise<Observation[]> {
    if (version === undefined || version === check.version) return [];
    const [old] = await this.references.history(id, version + 1, 1);
    if (!old || isSameScope(scopeOf(old.body), scopeOf(reference))) return [];
    return orphansFrom(id, old.body, { ...check, orphansInTracking: 0, orphansInBusiness: 0 }, undefined);
  }
}
