import { Injectable } from '@nestjs/common';
import { DomainError, invalid, newId, type Micros } from '@holdfast/kernel';
import { fromFailure } from '@holdfast/platform/errors';
import { noWorker, startOrJoin } from '@holdfast/platform/temporal';
import {
  acknowledged,
  type ChangedHold,
  changeHold,
  type HoldChange,
  legalHold,
} from '@holdfast/workflows/holds/legal-hold/contract';
import { Client } from '@temporalio/client';
import { reviewDue } from './core/care';
import { holds, type HoldStep, type HoldTerms, type HoldVersion } from './core/hold';
import { type HoldScope, isEmpty, kindOf } from './core/scope';
import { type Acknowledged, CustodyStore, type SentNotice } from './custody.store';
import { HeldRowStore, type ScopeCount } from './held-row.store';
import { HoldEnforcer, type MetDeletion } from './hold-enforcer';
import { HoldStore } from './hold.store';

/** How long a change may take until its answer says that nobody carries it out, in ms. */
const PATIENCE_MS = 30_000;

export interface HoldView extends HoldVersion {
  readonly acknowledgements: readonly Acknowledged[];
  /** When somebody has to look at it again. */
  readonly reviewAt: Micros | undefined;
}
export interface HoldDetail extends HoldView {
  readonly versions: readonly HoldVersion[];
  readonly notices: readonly SentNotice[];
}
export interface PlacedHold extends HoldView {
  readonly met: readonly MetDeletion[];
}
export interface ScopePreview extends ScopeCount {
  /** Whether it fits every record there is. */
  readonly everything: boolean;
}

/** Legal holds: place, amend, release, acknowledge, report. */
@Injectable()
export class HoldService {
  constructor(
    private readonly store: HoldStore,
    private readonly custody: CustodyStore,
    private readonly rows: HeldRowStore,
    private readonly enforcer: HoldEnforcer,
    private readonly temporal: Client,
  ) {}

  /** Exact counts of what a scope fits now. @throws DomainError `invalid` where it says nothing */
  async preview(scope: HoldScope): Promise<ScopePreview> {
    mustSay(scope);
    const [count, all] = await Promise.all([this.rows.count(scope), this.rows.records()]);
    return { ...count, everything: scope.everything === true || (count.records > 0 && count.records >= all) };
  }

  /**
   * In force when this returns, and whatever fails after that; but for one that fits everything, which waits for a second person.
   * @throws DomainError `invalid` where its scope says nothing; `unavailable`
   */
  async place(terms: HoldTerms, reason: string, by: string, at: Micros): Promise<PlacedHold> {
    mustSay(terms.scope);
    const hold = `h-${newId()
      .replaceAll(/[^A-Za-z0-9]/g, '')
      .toLowerCase()
      .slice(0, 16)}`;
    const state = (await this.isEverything(terms.scope)) ? 'proposed' : 'in_force';
    const version: HoldVersion = { hold, version: 1, state, terms, proposal: newId(), reason, by, at };
    const met = await this.enforcer.enforce(version);
    // It is in force; where Temporal does not answer, the upkeep of a worker starts its workflow.
    await startOrJoin(this.temporal, legalHold, { hold }).catch(() => undefined);
    return { ...viewOf([version], [], at), met };
  }

  /** Keys and names of somebody are not everything, and need no count. */
  private async isEverything(scope: HoldScope): Promise<boolean> {
    const kind = kindOf(scope);
    if (kind === 'keys' || kind === 'subject') return false;
    return (await this.preview(scope)).everything;
  }

  /**
   * Amends, approves, refuses, asks to release, releases or keeps a hold, as its newest version is.
   * @param version the one that the caller saw
   * @throws DomainError `not_found`; `invalid`; `precondition_failed` when it has changed since; `conflict` when it is not in that state, or a second person is needed; `unavailable`
   */
  async change(
    hold: string,
    step: HoldStep,
    version: number,
    said: { readonly terms?: HoldTerms; readonly reason: string },
    by: string,
    at: Micros,
  ): Promise<PlacedHold> {
    await this.existing(hold);
    if (said.terms) await this.mayBecome(said.terms.scope);
    const proposal = newId();
    await this.custody.propose(proposal, hold, { terms: said.terms, reason: said.reason }, by, at);
    const { met } = await this.update(hold, { step, version, proposal, by, at });
    return { ...(await this.hold(hold)), met };
  }

  private async mayBecome(scope: HoldScope): Promise<void> {
    mustSay(scope);
    if (await this.isEverything(scope))
      throw invalid('hold_of_everything', 'the hold would hold every record', [
        { field: 'scope', reason: 'fits everything: place another hold, which a second person has to approve' },
      ]);
  }

  private async update(hold: string, change: HoldChange): Promise<ChangedHold> {
    try {
      const { handle } = await startOrJoin(this.temporal, legalHold, { hold });
      return await this.temporal.withDeadline(Date.now() + PATIENCE_MS, () =>
        handle.executeUpdate(changeHold, { args: [change] }),
      );
    } catch (error) {
      throw error instanceof DomainError ? error : (fromFailure(error) ?? noWorker(error));
    }
  }

  /** @throws DomainError `not_found` when there is no such hold, or it has no such custodian */
  async acknowledge(hold: string, custodian: string, via: 'api' | 'link', by: string, at: Micros): Promise<HoldDetail> {
    const { terms } = await this.existing(hold);
    if (!terms.custodians.some(({ id }) => id === custodian))
      throw new DomainError('not_found', 'custodian_not_found', 'the hold has no such custodian');
    await this.custody.acknowledge(hold, custodian, via, by, at);
    const handle = this.temporal.workflow.getHandle(legalHold.id({ hold }));
    await handle.signal(acknowledged).catch(() => undefined); // else it looks when the next reminder is due
    return this.hold(hold);
  }

  /** @throws DomainError `not_found` */
  async hold(hold: string): Promise<HoldDetail> {
    const [versions, notices, acknowledgements] = await Promise.all([
      this.store.versions(hold),
      this.custody.notices(hold),
      this.custody.acknowledgements([hold]),
    ]);
    if (versions.length === 0) throw notFound();
    return { ...viewOf(versions, acknowledgements, Date.now() * 1000), versions, notices };
  }

  /** What a hold fits now: what came since it was placed, too. @throws DomainError `not_found` */
  async count(hold: string): Promise<ScopeCount> {
    return this.rows.count((await this.existing(hold)).terms.scope);
  }

  async list(openOnly: boolean, after: string, limit: number): Promise<HoldView[]> {
    const found = await this.store.list(openOnly, after, limit);
    const all = await this.custody.acknowledgements(found.map(({ hold }) => hold));
    const at = Date.now() * 1000;
    return found.map(({ since, ...one }) => ({
      ...one,
      acknowledgements: all.filter(({ hold }) => hold === one.hold),
      reviewAt: reviewDue(one, since, at),
    }));
  }

  /** Ids of the holds in force that hold something of a key. */
  async holdsOfKey(process: string, key: string): Promise<string[]> {
    const [byName, inForce] = await Promise.all([this.store.ofKey(process, key), this.store.inForce()]);
    const found = new Set(byName);
    for (const { hold, kind, processes, scope } of inForce) {
      if (kind === 'everything' || (kind === 'process' && processes.includes(process))) found.add(hold);
      if (kind !== 'query' || !scope || !(scope.processes?.includes(process) ?? true)) continue;
      const { records } = await this.rows.count({ ...scope, processes: [process] }, [key]);
      if (records > 0) found.add(hold);
    }
    return [...found].sort();
  }

  private async existing(hold: string): Promise<HoldVersion> {
    const [found] = await this.store.versions(hold);
    if (!found) throw notFound();
    return found;
  }
}

const notFound = (): DomainError => new DomainError('not_found', 'hold_not_found', 'there is no such hold');

function mustSay(scope: HoldScope): void {
  if (isEmpty(scope))
    throw invalid('empty_scope', 'the scope says nothing: it would hold nothing, or everything', [
      { field: 'scope', reason: 'must say at least one thing; `everything: true` for all there is' },
    ]);
}

function viewOf(versions: readonly HoldVersion[], acknowledgements: readonly Acknowledged[], at: Micros): HoldView {
  const [newest] = versions;
  const since = versions.findLast(({ state }) => holds(state))?.at ?? 0;
  return { ...newest!, acknowledgements, reviewAt: reviewDue(newest!, since, at) };
}
