import { WIDE, MEANING } from './characters';
import { findPersonal } from './detect';
import type { FieldClasses, Plan, Treatment } from './plan';

/** Member names that a tree remembers; beyond them names are worked out each time: senders that make up names must not fill the memory. */
const MOST_NODES = 20_000;

/** A place in records: the member names that lead to it. Everything that is to be known of it was worked out when it was first seen. */
export class FieldNode {
  private readonly byHash = new Map<number, FieldNode>();

  constructor(
    private readonly tree: FieldTree,
    readonly name: string,
    /** The name as its bytes stand in the text, between the quotes. */
    private readonly bytes: Uint8Array,
    private readonly path: readonly string[],
    readonly treatment: Treatment | undefined,
    /** What stands in the place of a name that is personal itself; null when the member goes. */
    readonly rename: string | null | undefined,
  ) {}

  /** The member whose name stands there. @param hash of {@link hashOf} */
  child(hash: number, text: Buffer, from: number, to: number): FieldNode {
    const found = this.byHash.get(hash);
    if (found && found.isNamed(text, from, to)) return found;
    return this.learn(hash, text, from, to, found !== undefined);
  }

  private isNamed(text: Buffer, from: number, to: number): boolean {
    const { bytes } = this;
    if (bytes.length !== to - from) return false;
    for (let i = 0; i < bytes.length; i++) if (bytes[i] !== text[from + i]) return false;
    return true;
  }

  private learn(hash: number, text: Buffer, from: number, to: number, isTaken: boolean): FieldNode {
    const bytes = Buffer.from(text.subarray(from, to));
    const name = nameOf(bytes);
    const path = [...this.path, name];
    const rename = renamed(this.tree.plan, name);
    const made = new FieldNode(this.tree, name, bytes, path, this.tree.plan.field(path, this.tree.contract), rename);
    // A name that is personal is not remembered.
    if (!isTaken && rename === undefined && this.tree.count < MOST_NODES) {
      this.tree.count++;
      this.byHash.set(hash, made);
    }
    return made;
  }
}

/** The places that records of one plan, and one contract, have. */
export class FieldTree {
  count = 0;
  readonly root: FieldNode;

  constructor(
    readonly plan: Plan,
    readonly contract: FieldClasses | undefined,
  ) {
    this.root = new FieldNode(this, '', new Uint8Array(0), [], undefined, undefined);
  }
}

/** One step of a hash over the bytes of a name: FNV-1a, 30 bits of it. */
export const hashStep = (hash: number, byte: number): number => Math.imul(hash ^ byte, 16_777_619);
export const HASH_START = 0x11c9dc5;

const nameOf = (bytes: Buffer): string => {
  const isPlain = bytes.every((byte) => byte !== 0x5c && (MEANING[byte]! & WIDE) === 0);
  return isPlain ? bytes.toString('latin1') : (JSON.parse(`"${bytes.toString('utf8')}"`) as string);
};

/** A name may hold an address as well: it is replaced by tokens or hashes, else the member goes, since two masked names could be the same. */
function renamed(plan: Plan, name: string): string | null | undefined {
  const bytes = Buffer.from(name);
  const found = findPersonal(bytes, 0, bytes.length, plan.wanted).filter(
    ({ detector }) => plan.of(detector).action !== 'keep',
  );
  if (found.length === 0) return undefined;
  let text = '';
  let at = 0;
  for (const { from, to, detector } of found) {
    const treatment = plan.of(detector);
    if (treatment.action !== 'tokenise' && treatment.action !== 'hash') return null;
    text += bytes.toString('utf8', at, from) + treatment.apply(bytes.toString('utf8', from, to)).text!;
    at = to;
  }
  return text + bytes.toString('utf8', at);
}
