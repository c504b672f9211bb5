import { type Account, NO_ACCOUNT } from '../../apps/cli/account';

/** A record as a sender may put it; small ranges, so that records meet. */
export interface Said {
  readonly id: number;
  readonly attempt: number;
  /** Of the event's own key, or of another: a further attempt must not move. */
  readonly moved: boolean;
  /** Below 0 it breaks its contract, which puts it in quarantine. */
  readonly amount: number;
  /** The same payload in other words. */
  readonly reworded: boolean;
  readonly fault: 'none' | 'no-key' | 'unknown-stage';
}

export type Outcome = Exclude<keyof Account, 'received' | 'sampledOut'>;

/** What the payload says: a tag that stays when a steward mends the amount, and the amount. */
interface Stored {
  readonly tag: string;
  readonly amount: number;
  readonly moved: boolean;
}

export const tagOf = ({ id, attempt, moved, amount }: Said): string =>
  `${id}.${attempt}.${moved ? 'moved' : 'own'}.${amount}`;
export const wordingOf = (one: Said): string => `${tagOf(one)}${one.reworded ? ' reworded' : ''}`;

/** The account of one source, and what it follows from: everything that is promised of it, and nothing of how it is kept. */
export class AccountModel {
  private constructor(
    /** Stored records, by event, then attempt. */
    private readonly stored: Map<number, Map<number, Stored>>,
    /** Records that were put in quarantine, by wording, and whether they are still there. */
    private readonly quarantine: Map<string, { readonly said: Said; waits: boolean }>,
    private readonly counts: Record<keyof Account, number>,
  ) {}

  static empty(): AccountModel {
    return new AccountModel(new Map(), new Map(), { ...NO_ACCOUNT });
  }

  copy(): AccountModel {
    return new AccountModel(
      new Map([...this.stored].map(([id, attempts]) => [id, new Map(attempts)])),
      new Map([...this.quarantine].map(([wording, item]) => [wording, { ...item }])),
      { ...this.counts },
    );
  }

  get account(): Account {
    return this.counts;
  }

  /** Names of what is stored, each to be there once. */
  storedRecords(): string[] {
    return [...this.stored]
      .flatMap(([id, attempts]) => [...attempts.keys()].map((attempt) => `${id}/${attempt}`))
      .sort();
  }

  storedEvents(): number {
    return this.stored.size;
  }

  waiting(): Said[] {
    return [...this.quarantine.values()].filter(({ waits }) => waits).map(({ said }) => said);
  }

  take(said: Said): Outcome {
    const outcome = this.outcomeOf(said);
    this.counts.received++;
    this.counts[outcome]++;
    if (outcome === 'stored') this.store(said, said.amount);
    if (outcome === 'quarantined') this.quarantine.set(wordingOf(said), { said, waits: true });
    return outcome;
  }

  /** A steward sets the amount of a waiting record and has it taken in again. */
  mend(said: Said, amount: number): void {
    const outcome = this.withoutContract(said, amount);
    if (outcome === 'rejected') return; // it stays in quarantine
    this.leave(said, outcome);
    if (outcome === 'stored') this.store(said, amount);
  }

  discard(said: Said): void {
    this.leave(said, 'rejected');
  }

  /** Equal for models that nobody can tell apart, now or later. */
  fingerprint(): string {
    return JSON.stringify([
      this.counts,
      [...this.stored].map(([id, attempts]) => [id, [...attempts].sort(byFirst)]).sort(byFirst as never),
      [...this.quarantine].map(([wording, { waits }]) => [wording, waits]).sort(byFirst as never),
    ]);
  }

  private outcomeOf(said: Said): Outcome {
    if (said.fault !== 'none') return 'rejected';
    if (said.amount >= 0) return this.withoutContract(said, said.amount);
    return this.quarantine.has(wordingOf(said)) ? 'duplicate' : 'quarantined';
  }

  private withoutContract(said: Said, amount: number): Outcome {
    const attempts = this.stored.get(said.id);
    const same = attempts?.get(said.attempt);
    if (same) return same.tag === tagOf(said) && same.amount === amount ? 'duplicate' : 'conflict';
    const [first] = attempts?.values() ?? [];
    return first && first.moved !== said.moved ? 'rejected' : 'stored';
  }

  private store(said: Said, amount: number): void {
    const attempts = this.stored.get(said.id) ?? new Map<number, Stored>();
    this.stored.set(said.id, attempts.set(said.attempt, { tag: tagOf(said), amount, moved: said.moved }));
  }

  private leave(said: Said, outcome: Outcome): void {
    this.quarantine.get(wordingOf(said))!.waits = false;
    this.counts.quarantined--;
    this.counts[outcome]++;
  }
}

const byFirst = ([a]: readonly [unknown, ...unknown[]], [b]: readonly [unknown, ...unknown[]]): number =>
  String(a) < String(b) ? -1 : 1;

/** One way in which things may stand: the model, and records that were sent to a process that may still take them. */
interface World {
  readonly model: AccountModel;
  readonly pending: readonly Said[];
}

/**
 * Every way in which things may stand after what was observed. An unanswered body makes them more, since it may have been stored or not; what is observed
 * makes them fewer. None left: something happened that was not promised.
 */
export class Worlds {
  private readonly all: readonly World[];

  constructor(worlds: readonly World[]) {
    const names = worlds.map((world): [string, World] => [
      `${world.model.fingerprint()} ${world.pending.length}`,
      world,
    ]);
    this.all = [...new Map(names).values()];
  }

  static one(): Worlds {
    return new Worlds([{ model: AccountModel.empty(), pending: [] }]);
  }

  get count(): number {
    return this.all.length;
  }

  get hasPending(): boolean {
    return this.all.some(({ pending }) => pending.length > 0);
  }

  /** The only one, or the first of those that are left. */
  get model(): AccountModel {
    return this.all[0]!.model;
  }

  /** A change that has happened, and what was seen of it. */
  after(change: (model: AccountModel) => boolean): Worlds {
    return new Worlds(
      this.all.flatMap(({ model, pending }) => {
        const changed = model.copy();
        return change(changed) ? [{ model: changed, pending }] : [];
      }),
    );
  }

  /** A body that was not answered, all of which was stored, or nothing. */
  afterAllOrNothing(records: readonly Said[]): Worlds {
    return new Worlds([...this.all, ...this.after((model) => takeAll(model, records)).all]);
  }

  /** A body that ended early: some of it was stored, from its beginning. */
  afterSome(records: readonly Said[]): Worlds {
    return new Worlds(
      this.all.flatMap(({ model, pending }) =>
        Array.from({ length: records.length + 1 }, (_, count) => {
          const changed = model.copy();
          takeAll(changed, records.slice(0, count));
          return { model: changed, pending };
        }),
      ),
    );
  }

  /** A body whose sender has left: a process that lives may still be storing it. */
  withPending(records: readonly Said[]): Worlds {
    return new Worlds(this.all.map(({ model, pending }) => ({ model, pending: [...pending, ...records] })));
  }

  /** Whatever is pending may have been stored by now, as far as it came. */
  settled(): Worlds {
    return new Worlds(
      this.all.flatMap(({ model, pending }) =>
        Array.from({ length: pending.length + 1 }, (_, count) => {
          const changed = model.copy();
          takeAll(changed, pending.slice(0, count));
          return { model: changed, pending: pending.slice(count) };
        }),
      ),
    );
  }

  /** Nobody is left who would store what is pending. */
  withoutPending(): Worlds {
    return new Worlds(this.settled().all.map(({ model }) => ({ model, pending: [] })));
  }

  toString(): string {
    return this.all
      .slice(0, 3)
      .map(({ model, pending }) => `${JSON.stringify(model.account)} with ${pending.length} pending`)
      .join('\n');
  }
}

export function takeAll(model: AccountModel, records: readonly Said[]): true {
  for (const said of records) model.take(said);
  return true;
}
