import { type FieldNode, HASH_START, hashStep } from './field-tree';

export const [QUOTE, BACKSLASH, COMMA, OPEN, CLOSE, OPEN_LIST, CLOSE_LIST] = [
  0x22, 0x5c, 0x2c, 0x7b, 0x7d, 0x5b, 0x5d,
] as const;

/** A place in the bytes of a JSON text that JSON.parse accepts; of another text it only has to end. */
export class JsonCursor {
  protected bytes: Buffer = Buffer.alloc(0);
  protected at = 0;

  protected skipSpace(): void {
    const { bytes } = this;
    while (bytes[this.at]! <= 0x20) this.at++;
  }

  /** The member whose name begins here; goes behind the name. */
  protected name(node: FieldNode): FieldNode {
    const { bytes } = this;
    const from = this.at + 1;
    let hash = HASH_START;
    let i = from;
    for (let byte = bytes[i]!; byte !== QUOTE && i < bytes.length; byte = bytes[++i]!) {
      hash = hashStep(hash, byte);
      if (byte === BACKSLASH) hash = hashStep(hash, bytes[++i]!);
    }
    this.at = i + 1;
    return node.child(hash & 0x3fffffff, bytes, from, i);
  }

  /** Goes behind a value that is not looked into. */
  protected skipValue(): void {
    const { bytes } = this;
    let depth = 0;
    let i = this.at;
    for (; i < bytes.length; i++) {
      const byte = bytes[i]!;
      if (byte === QUOTE) for (i++; i < bytes.length && bytes[i] !== QUOTE; i++) if (bytes[i] === BACKSLASH) i++;
      if (byte === OPEN || byte === OPEN_LIST) depth++;
      else if (byte === CLOSE || byte === CLOSE_LIST) {
        if (depth-- === 0) break;
      } else if (byte === COMMA && depth === 0) break;
    }
    while (bytes[i - 1]! <= 0x20) i--;
    this.at = i;
  }
}

export function isBlank(text: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (text[i]! > 0x20) return false;
  return true;
}
