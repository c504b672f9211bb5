/**
 * Pairs as many of one list with as many of another as `matches` allows, one each: agreement within tolerances is not transitive, so that pairing the first
 * that fits may leave a pair unmade. Augmenting paths; source: Kuhn, "The Hungarian Method for the Assignment Problem" (1955), the bipartite case.
 * @returns those that stay without a partner
 */
export function pairUp<T>(
  sent: readonly T[],
  arrived: readonly T[],
  matches: (one: T, other: T) => boolean,
): { sent: T[]; arrived: T[] } {
  if (sent.length * arrived.length > MOST_PAIRS) return pairFirstFit(sent, arrived, matches);
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

/** Beyond this many combinations of one key's events, the exact pairing would cost more than it tells. */
const MOST_PAIRS = 250_000;

/** Each takes the first that fits. May leave pairs unmade, never makes one that does not match: a difference too many is told, never one too few. */
function pairFirstFit<T>(
  sent: readonly T[],
  arrived: readonly T[],
  matches: (one: T, other: T) => boolean,
): { sent: T[]; arrived: T[] } {
  const left = [...arrived];
  const unpaired = sent.filter((one) => {
    const at = left.slice(0, 100).findIndex((other) => matches(one, other));
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
  return { sent: unpaired, arrived: left };
}
