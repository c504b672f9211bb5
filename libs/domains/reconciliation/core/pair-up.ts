/**
 * Pairs as many of one list with as many of another as `matches` allows, one each: agreement within tolerances is not transitive, so that pairing the first
 * that fits may leave a pair unmade. Augmenting paths; source: Kuhn, "The Hungarian Method for the Assignment Problem" (1955), the bipartite case.
 * @param nameOf equal for two that are alike, which then match
 * @returns those that stay without a partner
 */
export function pairUp<T>(
  sent: readonly T[],
  arrived: readonly T[],
  matches: (one: T, other: T) => boolean,
  nameOf: (one: T) => string,
): { sent: T[]; arrived: T[] } {
  if (sent.length * arrived.length <= MOST_PAIRS) return pairMost(sent, arrived, matches);
  const left = withoutTwins(sent, arrived, nameOf);
  if (left.sent.length * left.arrived.length <= MOST_PAIRS) return pairMost(left.sent, left.arrived, matches);
  return pairFirstFit(left.sent, left.arrived, matches);
}

/** Beyond this many combinations of one key's events, the exact pairing would cost more than it tells. */
const MOST_PAIRS = 10_000;
/** How many of those that are left the first fit is looked for among. */
const NEAREST = 100;

function pairMost<T>(
  sent: readonly T[],
  arrived: readonly T[],
  matches: (one: T, other: T) => boolean,
): { sent: T[]; arrived: T[] } {
  const partner = new Map<number, number>(); // of each that arrived
  const place = (from: number, tried: Set<number>): boolean => {
    for (let to = 0; to < arrived.length; to++) {
      if (tried.has(to) || !matches(sent[from]!, arrived[to]!)) continue;
      tried.add(to);
      const rival = partner.get(to);
      if (rival === undefined || place(rival, tried)) {
        partner.set(to, from);
        return true;
      }
    }
    return false;
  };
  sent.forEach((_, from) => place(from, new Set()));
  const paired = new Set(partner.values());
  return { sent: sent.filter((_, from) => !paired.has(from)), arrived: arrived.filter((_, to) => !partner.has(to)) };
}

// What follows may leave pairs unmade, and never makes one that does not match: a difference too many is told, never one too few.

/** Takes out those that have one of the same name on the other side. */
function withoutTwins<T>(
  sent: readonly T[],
  arrived: readonly T[],
  nameOf: (one: T) => string,
): { sent: T[]; arrived: T[] } {
  const waiting = new Map<string, T[]>();
  for (const one of arrived) {
    const name = nameOf(one);
    const alike = waiting.get(name);
    if (alike) alike.push(one);
    else waiting.set(name, [one]);
  }
  const left = sent.filter((one) => waiting.get(nameOf(one))?.pop() === undefined);
  return { sent: left, arrived: [...waiting.values()].flat() };
}

/** Each takes the first that fits among the nearest. */
function pairFirstFit<T>(
  sent: readonly T[],
  arrived: readonly T[],
  matches: (one: T, other: T) => boolean,
): { sent: T[]; arrived: T[] } {
  const near = arrived.slice(0, NEAREST);
  let next = near.length;
  const unpaired = sent.filter((one) => {
    const at = near.findIndex((other) => matches(one, other));
    if (at < 0) return true;
    near.splice(at, 1);
    if (next < arrived.length) near.push(arrived[next++]!);
    return false;
  });
  return { sent: unpaired, arrived: [...near, ...arrived.slice(next)] };
}
