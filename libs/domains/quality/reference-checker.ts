import { Injectable } from '@nestjs/common';
import type { Observation } from '@holdfast/domains/findings/core/finding';
import { SETTLED } from '@holdfast/domains/findings/core/settled';
import { FindingRecorder } from '@holdfast/domains/findings/finding-recorder.service';
import { DomainError, type Micros } from '@holdfast/kernel';
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

type Covers = Pick<Check, 'checkedAt' | 'version' | 'coversFrom' | 'coversTo'>;
type Counted = Omit<Check, keyof Covers | 'failure'>;
const NOTHING: Counted = {
  ...{ tracked: 0, business: 0, orphansInTracking: 0, orphansInBusiness: 0 },
  ...{ examplesInTracking: [], examplesInBusiness: [] },
};

async function compareTables(
  tracking: BusinessTable,
  business: BusinessTable,
  { coversFrom, coversTo }: Covers,
  heartbeat: () => void,
): Promise<Counted> {
  const orphans = { tracking: new Orphans(business), business: new Orphans(tracking) };
  const seen = { tracking: 0, business: 0 };
  let steps = 0;
  for await (const { side, key } of mergeKeys(
    tracking.keys(coversFrom, coversTo),
    business.keys(coversFrom, coversTo),
  )) {
    if (++steps % HEARTBEAT_EVERY === 0) heartbeat();
    for (const one of ['tracking', 'business'] satisfies Side[]) if (side === one || side === 'both') seen[one]++;
    if (side !== 'both') await orphans[side].suspect(key);
  }
  await orphans.tracking.lookUp();
  await orphans.business.lookUp();
  return {
    ...{ tracked: seen.tracking, business: seen.business },
    orphansInTracking: orphans.tracking.count,
    orphansInBusiness: orphans.business.count,
    examplesInTracking: orphans.tracking.examples,
    examplesInBusiness: orphans.business.examples,
  };
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
   * @throws DomainError `not_found`; why a side cannot be read, which is kept as a check that failed: findings stay as they are
   */
  async check(id: string, at: Micros, heartbeat: () => void, signal: AbortSignal): Promise<Check> {
    const { body: reference, version } = await this.references.reference(id);
    const coversTo = at - Math.max(SETTLED, reference.graceSeconds * SECOND);
    const coversFrom = coversTo - reference.lookbackHours * HOUR;
    const covers = { checkedAt: at, version, coversFrom, coversTo };
    const check = { ...covers, ...(await this.counted(id, reference, covers, heartbeat, signal)) };
    const before = await this.store.lastSucceeded(id, at);
    await this.store.append(id, check);
    const observations = [
      ...(await this.withdrawn(id, reference, check, before?.version)),
      ...orphansFrom(id, reference, check, before),
    ];
    await this.recorder.record(observations, at);
    return check;
  }

  /** What both sides have. @throws DomainError which is kept */
  private async counted(
    id: string,
    reference: ReferenceDefinition,
    covers: Covers,
    heartbeat: () => void,
    signal: AbortSignal,
  ): Promise<Counted> {
    const tracking = this.tables.openStage(reference, signal);
    const business = this.tables.open(reference.business, signal);
    try {
      return await compareTables(tracking, business, covers, heartbeat);
    } catch (error) {
      if (error instanceof DomainError && !signal.aborted) {
        const failure = { code: error.code, detail: error.message };
        await this.store.append(id, { ...covers, ...NOTHING, failure });
      }
      throw error;
    } finally {
      await business.close();
    }
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
