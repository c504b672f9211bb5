import type { Micros } from '@holdfast/kernel';
import { HOUR, MINUTE, SECOND } from './clock';
import type { Order, Values } from './order';
import { Random } from './random';
import { type Stage, type Step, timesOf, valuesOf } from './step';

export type Kind = 'missing' | 'duplicate' | 'mutated' | 'late' | 'orphan';
export const KINDS: readonly Kind[] = ['missing', 'duplicate', 'mutated', 'late', 'orphan'];
export type Hop = 'shop->hub' | 'hub->erp';

/** A discrepancy that a correct judge finds. */
export interface Planted {
  readonly key: string;
  readonly kind: Kind;
  readonly hop: Hop;
  /** Where the hop ends. */
  readonly stage: 'hub' | 'erp';
  /** The field that was changed, for `mutated`. */
  readonly field: string;
}

/** What goes wrong with an order. */
const FAULTS = [
  'missing at hub',
  'missing at erp',
  'duplicate at hub',
  'duplicate at erp',
  'mutated at hub',
  'mutated at erp',
  'late at erp',
  'orphan at hub',
  'orphan at erp',
] as const;
export interface Fault {
  readonly kind: (typeof FAULTS)[number];
  /** Counts the faults of a kind: they come in several forms. */
  readonly form: number;
}

/** A faulty order's part of the day, what heals it, and what there is to find until then. */
export interface Story {
  readonly sent: readonly Step[];
  readonly healing: readonly Step[];
  readonly found: readonly (readonly [kind: Kind, stage: 'hub' | 'erp', field?: string])[];
}

/** Faults of each kind in a day of so many orders. */
const faultsPerKind = (orders: number): number => Math.max(3, Math.round(orders / 5000));
/** Fewer orders than this cannot hold all faults. */
export const FEWEST_ORDERS = 60;

/** Which orders are faulty, by index: spread over the day, with one at each of its edges, where a wrong bound would lose it. */
export function placeFaults(seed: number, orders: number): ReadonlyMap<number, Fault> {
  const random = new Random(seed, 'faults');
  const each = faultsPerKind(orders);
  const faults = FAULTS.flatMap((kind) => Array.from({ length: each }, (_, form): Fault => ({ kind, form })));
  const atEdges = faults.splice(each, 2); // of the kind `missing at erp`
  for (let i = faults.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [faults[i], faults[j]] = [faults[j]!, faults[i]!];
  }
  const share = (orders - 2) / faults.length;
  const within = faults.map((fault, i): [number, Fault] => {
    const from = 1 + Math.floor(i * share);
    return [from + random.below(1 + Math.floor((i + 1) * share) - from), fault];
  });
  return new Map([[0, atEdges[0]!], ...within, [orders - 1, atEdges[1]!]]);
}

/**
 * @param deadline what occurs after it is late
 */
export function storyOf(order: Order, fault: Fault, dayEnd: Micros, deadline: Micros): Story {
  const tell = new Teller(order);
  switch (fault.kind) {
    case 'missing at hub':
      return missingAtHub(tell, fault.form % 4);
    case 'missing at erp':
      return missingAtErp(tell, fault.form % 3);
    case 'duplicate at hub':
      return duplicateAtHub(tell, fault.form % 2);
    case 'duplicate at erp':
      return duplicateAtErp(tell, fault.form % 2);
    case 'mutated at hub':
      return mutatedAtHub(tell, fault.form);
    case 'mutated at erp':
      return mutatedAtErp(tell, fault.form);
    case 'late at erp': {
      const after = MINUTE + (order.number % 3540) * SECOND; // within an hour of the grace
      return lateAtErp(tell, fault.form % 2, deadline + after);
    }
    case 'orphan at hub': {
      // Alone and without a carried origin an event has only its own time, and that must not be the next day's.
      const alone = order.shop.hubCarriesOrigin || order.originAt < dayEnd - 20 * MINUTE;
      return orphanAtHub(tell, fault.form % 3 === 2 && !alone ? 0 : fault.form % 3);
    }
    case 'orphan at erp':
      return orphanAtErp(tell, fault.form % 2);
  }
}

type Change = Partial<Omit<Step, 'stage'>>;

/** Tells the steps of one order. */
class Teller {
  readonly times: Readonly<Record<Stage, number>>;
  readonly values: Readonly<Record<Stage, Values>>;
  constructor(readonly order: Order) {
    this.times = timesOf(order);
    this.values = valuesOf(order);
  }
  shop = (change: Change = {}): Step => this.step('shop', change);
  hub = (change: Change = {}): Step => this.step('hub', change);
  erp = (change: Change = {}): Step => this.step('erp', change);

  private step(stage: Stage, change: Change): Step {
    const attempt = change.attempt ?? 1;
    // Attempts follow one another, and a duplicate its original; all long before the grace is over.
    const waits = attempt - 1 + (change.event === 'second' ? 1 : 0);
    return {
      stage,
      event: 'first',
      attempt,
      status: 'ok',
      occurredAt: this.times[stage] + waits * this.order.backoff,
      values: this.values[stage],
      ...change,
    };
  }
}

const FAILED: Change = { status: 'failed' };
const AGAIN: Change = { attempt: 2 };
const THIRD: Change = { attempt: 3 };
const TAKEN_BACK: Change = { attempt: 2, status: 'cancelled' };
const TWIN: Change = { event: 'second' };
const TWIN_TAKEN_BACK: Change = { ...TAKEN_BACK, ...TWIN };

function missingAtHub({ shop, hub, erp }: Teller, form: number): Story {
  switch (form) {
    case 0: // never arrived
      return { sent: [shop()], healing: [hub(), erp()], found: [['missing', 'hub']] };
    case 1: // arrived, and failed for good
      return { sent: [shop(), hub(FAILED)], healing: [hub(AGAIN), erp()], found: [['missing', 'hub']] };
    case 2: // went on without being recorded: to the next hop it comes from nowhere
      return {
        sent: [shop(), erp()],
        healing: [hub()],
        found: [
          ['missing', 'hub'],
          ['orphan', 'erp'],
        ],
      };
    default: // arrived, then taken back
      return { sent: [shop(), hub(), hub(TAKEN_BACK)], healing: [hub(THIRD), erp()], found: [['missing', 'hub']] };
  }
}

function missingAtErp({ shop, hub, erp }: Teller, form: number): Story {
  const found: Story['found'] = [['missing', 'erp']];
  switch (form) {
    case 0:
      return { sent: [shop(), hub()], healing: [erp()], found };
    case 1:
      return { sent: [shop(), hub(), erp(FAILED)], healing: [erp(AGAIN)], found };
    default:
      return { sent: [shop(), hub(), erp(), erp(TAKEN_BACK)], healing: [erp(THIRD)], found };
  }
}

function duplicateAtHub({ shop, hub, erp }: Teller, form: number): Story {
  if (form === 0) {
    // The ERP took one of the two: to its hop the other one is lost.
    return {
      sent: [shop(), hub(), hub(TWIN), erp()],
      healing: [hub(TWIN_TAKEN_BACK)],
      found: [
        ['duplicate', 'hub'],
        ['missing', 'erp'],
      ],
    };
  }
  return {
    sent: [shop(), hub(), hub(TWIN), erp(), erp(TWIN)],
    healing: [hub(TWIN_TAKEN_BACK), erp(TWIN_TAKEN_BACK)],
    found: [['duplicate', 'hub']],
  };
}

function duplicateAtErp({ shop, hub, erp }: Teller, form: number): Story {
  const first = form === 0 ? [erp()] : [erp(FAILED), erp(AGAIN)];
  return {
    sent: [shop(), hub(), ...first, erp(TWIN)],
    healing: [erp(TWIN_TAKEN_BACK)],
    found: [['duplicate', 'erp']],
  };
}

function mutatedAtHub({ shop, hub, erp, order }: Teller, form: number): Story {
  const right = order.values;
  const { field, values: wrong } = mutate(right, form);
  const corrected = hub({ ...AGAIN, values: right });
  if (form % 5 === 4) {
    // The ERP had the right values from elsewhere: both hops disagree.
    return {
      sent: [shop(), hub({ values: wrong }), erp({ values: right })],
      healing: [corrected],
      found: [
        ['mutated', 'hub', field],
        ['mutated', 'erp', field],
      ],
    };
  }
  return {
    sent: [shop(), hub({ values: wrong }), erp({ values: wrong })],
    healing: [corrected, erp({ ...AGAIN, values: right })],
    found: [['mutated', 'hub', field]],
  };
}

function mutatedAtErp({ shop, hub, erp, order }: Teller, form: number): Story {
  const right = order.values;
  const { field, values } = mutate(right, form + 2);
  return {
    sent: [shop(), hub({ values: right }), erp({ values })],
    healing: [erp({ ...AGAIN, values: right })],
    found: [['mutated', 'erp', field]],
  };
}

function lateAtErp({ shop, hub, erp }: Teller, form: number, occurredAt: number): Story {
  const late = form === 0 ? [erp({ occurredAt })] : [erp(FAILED), erp({ ...AGAIN, occurredAt })];
  return { sent: [shop(), hub(), ...late], healing: [], found: [['late', 'erp']] };
}

function orphanAtHub({ shop, hub, erp }: Teller, form: number): Story {
  switch (form) {
    case 0: // the shop said nothing
      return { sent: [hub(), erp()], healing: [shop()], found: [['orphan', 'hub']] };
    case 1: // the shop said that it failed
      return { sent: [shop(FAILED), hub(), erp()], healing: [shop(AGAIN)], found: [['orphan', 'hub']] };
    default: // and it got no further
      return {
        sent: [hub()],
        healing: [shop(), erp()],
        found: [
          ['orphan', 'hub'],
          ['missing', 'erp'],
        ],
      };
  }
}

function orphanAtErp({ shop, hub, erp }: Teller, form: number): Story {
  const sent = form === 0 ? [erp()] : [erp(FAILED), erp(AGAIN)];
  return { sent, healing: [hub(), shop()], found: [['orphan', 'erp']] };
}

/** Changes one agreed field by more than its tolerance, now and then by as little as that takes. */
function mutate(right: Values, form: number): { readonly field: string; readonly values: Values } {
  const large = Math.floor(form / 4) % 2 === 1;
  switch (form % 4) {
    case 0:
      return { field: 'amount', values: { ...right, cents: large ? right.cents * 10 : right.cents + 2 } };
    case 1:
      return { field: 'currency', values: { ...right, currency: right.currency === 'USD' ? 'EUR' : 'USD' } };
    case 2:
      return { field: 'quantity', values: { ...right, quantity: right.quantity + 1 } };
    default:
      return { field: 'bookedAt', values: { ...right, bookedAt: right.bookedAt + (large ? HOUR : 6 * SECOND) } };
  }
}
