import { after, type Day } from './period';
import {
  builtInFor,
  matches,
  type NamedPolicy,
  type RecordTraits,
  startName,
  type StartEvent,
  tiersOf,
} from './policy';

/** A record as precedence sees it. */
export interface KeptRecord extends RecordTraits {
  readonly receivedOn: Day;
  /** The last day on which an event that time counts from happened to its key, by `startName`; nothing: it has not. */
  readonly startedOn: ReadonlyMap<string, Day>;
}

/** What a policy wants of a record. */
export interface Claim {
  readonly policy: string;
  readonly version: number;
  readonly kind: 'retain' | 'delete';
  readonly explicit: boolean;
  /** Which of its terms says so. */
  readonly term: 'action' | 'statutory_minimum' | 'statutory_maximum';
  /** Retain: not before this day; delete: from this day on. Infinity: for ever, or until what it waits for has happened. */
  readonly day: Day;
  readonly waitsFor: StartEvent | undefined;
}

/** The rules, in the order in which they are asked. `only`: nothing else had to be weighed. */
export type PrecedenceRule =
  'hold' | 'retain_over_delete' | 'longest_retain' | 'explicit_delete' | 'shortest_delete' | 'only';
/** `over`: what it forbids is over when the record goes. */
export type LostTo = Exclude<PrecedenceRule, 'only'> | 'over';

export interface Verdict {
  readonly rule: PrecedenceRule;
  /** Undefined under a hold. */
  readonly winner: Claim | undefined;
  readonly lost: readonly { readonly claim: Claim; readonly to: LostTo }[];
  readonly holds: readonly string[];
  /** From when on it may go; undefined while that is not known: held, retained for ever, or waiting for an event. */
  readonly goesOn: Day | undefined;
  /** The policy that decides when it goes, or would if nothing held it: its tiers apply. */
  readonly followed: string;
  /** When it would go if nothing held it. */
  readonly withoutHolds: Day | undefined;
}

/**
 * What becomes of a record: hold, retain over delete, longest retain, explicit delete over implicit, shortest delete. Always has an answer, and the same one in whatever order
 * policies are given. Source: the principles of retention of the field, as in MoReq2010 and Microsoft Purview.
 * @param holds ids of the holds that it is under
 */
export function decide(record: KeptRecord, policies: readonly NamedPolicy[], holds: readonly string[] = []): Verdict {
  const claims = policies.filter(({ policy }) => matches(policy, record)).flatMap((one) => claimsOf(one, record));
  if (!claims.some(({ kind }) => kind === 'delete')) claims.push(...claimsOf(builtInFor(record.class), record));
  const retains = claims.filter(({ kind }) => kind === 'retain').sort((a, b) => later(b, a));
  const deletes = claims.filter(({ kind }) => kind === 'delete').sort(sooner);
  const explicit = deletes.filter((one) => one.explicit);
  const [first] = explicit.length > 0 ? explicit : deletes;
  const [longest] = retains;
  const free =
    longest && longest.day > first!.day ? byRetain(longest, retains, deletes) : byDelete(first!, retains, deletes);
  const goes = Number.isFinite(free.winner.day) ? free.winner.day : undefined;
  const followed = free.winner.policy;
  if (holds.length === 0) return { ...free, followed, holds, goesOn: goes, withoutHolds: goes };
  const lost = claims.sort(sooner).map((claim) => ({ claim, to: 'hold' as const }));
  return {
    rule: 'hold',
    winner: undefined,
    followed,
    lost,
    holds: [...holds].sort(),
    goesOn: undefined,
    withoutHolds: goes,
  };
}

type Free = Pick<Verdict, 'rule' | 'lost'> & { readonly winner: Claim };

const byRetain = (winner: Claim, retains: readonly Claim[], deletes: readonly Claim[]): Free => ({
  rule: retains.length > 1 ? 'longest_retain' : 'retain_over_delete',
  winner,
  lost: [
    ...retains.slice(1).map((claim) => ({ claim, to: 'longest_retain' as const })),
    ...deletes.map((claim) => ({ claim, to: 'retain_over_delete' as const })),
  ],
});

function byDelete(winner: Claim, retains: readonly Claim[], deletes: readonly Claim[]): Free {
  const others = deletes.filter((one) => one !== winner);
  const alike = others.filter(({ explicit }) => explicit === winner.explicit);
  return {
    rule: alike.length > 0 ? 'shortest_delete' : others.length > 0 ? 'explicit_delete' : 'only',
    winner,
    lost: [
      ...others.map((claim) => ({
        claim,
        to: claim.explicit === winner.explicit ? ('shortest_delete' as const) : ('explicit_delete' as const),
      })),
      ...retains.map((claim) => ({ claim, to: 'over' as const })),
    ],
  };
}

/** A statutory minimum forbids to delete before it, a maximum has it deleted then, whatever the action is. */
function claimsOf({ id, version, policy }: NamedPolicy, record: KeptRecord): Claim[] {
  const { action, explicit, startsOn, statute } = policy;
  // The day on which it begins does not count: nothing goes before the period is over to the hour.
  const started = startsOn ? record.startedOn.get(startName(startsOn)) : record.receivedOn;
  const claim = (kind: Claim['kind'], term: Claim['term'], period: string, isExplicit: boolean): Claim => ({
    ...{ policy: id, version, kind, term, explicit: isExplicit },
    day: started === undefined || period === 'forever' ? Infinity : after(started + 1, period),
    waitsFor: started === undefined ? startsOn : undefined,
  });
  return [
    claim(action, 'action', tiersOf(policy.tiers).archive, explicit),
    ...(statute?.minimum === undefined ? [] : [claim('retain', 'statutory_minimum', statute.minimum, true)]),
    ...(statute?.maximum === undefined ? [] : [claim('delete', 'statutory_maximum', statute.maximum, true)]),
  ];
}

const byName = (a: Claim, b: Claim): number =>
  compare(`${a.policy}\n${a.term}\n${a.version}`, `${b.policy}\n${b.term}\n${b.version}`);
const compare = <T extends string | number>(a: T, b: T): number => (a < b ? -1 : a > b ? 1 : 0);
const sooner = (a: Claim, b: Claim): number => compare(a.day, b.day) || byName(a, b);
/** The longest is the last, and of equals the one that is named first. */
const later = (a: Claim, b: Claim): number => compare(a.day, b.day) || byName(b, a);

export type Tier = 'hot' | 'cold' | 'archive' | 'due';

/** Where a record is on a day. Tiers count from receipt; the end is the verdict's. */
export function tierOn(day: Day, record: KeptRecord, verdict: Verdict, policies: readonly NamedPolicy[]): Tier {
  if (verdict.goesOn !== undefined && day >= verdict.goesOn) return 'due';
  const named = policies.find(({ id }) => id === verdict.followed) ?? builtInFor(record.class);
  const { hot, cold } = tiersOf(named.policy.tiers);
  const from = record.receivedOn + 1;
  return day < after(from, hot) ? 'hot' : day < after(from, cold) ? 'cold' : 'archive';
}
