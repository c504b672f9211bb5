/** How many keys with discrepancies, and how many others, have an attribute. */
export interface Commonality {
  readonly stage: string;
  readonly name: string;
  /** A member of the data as JSON. */
  readonly value: string;
  readonly keys: number;
  readonly otherKeys: number;
}

/** An attribute that sets keys with discrepancies apart from the others. */
export interface Cause extends Commonality {
  /** Of the keys with discrepancies that were looked at, 0 to 1. */
  readonly share: number;
  /** Of the other keys, 0 to 1. */
  readonly otherShare: number;
}

/** An attribute that this share of bad keys has more often than of others says something. */
const TELLING = 0.1;

/**
 * The attributes that set bad keys apart, the most telling first: by how much more of them have it than of the others. What both have alike says nothing. Of attributes that the same keys have, each is named: which of
 * them is the reason, people see.
 * @param totals keys that were looked at on either side
 */
export function causesOf(
  found: readonly Commonality[],
  totals: { readonly keys: number; readonly otherKeys: number },
  most: number,
): Cause[] {
  return found
    .map((one) => ({
      ...one,
      share: one.keys / Math.max(1, totals.keys),
      otherShare: one.otherKeys / Math.max(1, totals.otherKeys),
    }))
    .filter(({ share, otherShare }) => share - otherShare >= TELLING)
    .toSorted((a, b) => b.share - b.otherShare - (a.share - a.otherShare) || (a.name < b.name ? -1 : 1))
    .slice(0, most);
}
