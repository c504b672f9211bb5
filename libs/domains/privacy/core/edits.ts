/** Replacements in a text of bytes, in the order of their places. */
export class Edits {
  private places: number[] = [];
  private texts: string[] = [];

  get count(): number {
    return this.texts.length;
  }

  clear(): void {
    if (this.texts.length > 0) [this.places, this.texts] = [[], []];
  }

  /** @param text ASCII, in place of the bytes from `from` to before `to` */
  add(from: number, to: number, text: string): void {
    this.places.push(from, to);
    this.texts.push(text);
  }

  /** Puts one before those that were added since there were `count`. */
  insert(count: number, from: number, to: number, text: string): void {
    this.places.splice(count * 2, 0, from, to);
    this.texts.splice(count, 0, text);
  }

  /** Takes back all but the first `count`. */
  cut(count: number): void {
    this.places.length = count * 2;
    this.texts.length = count;
  }

  /** The bytes with all replacements. Latin-1 gives every byte back as it was, and is the fastest way to put pieces together. */
  applied(bytes: Buffer): Buffer {
    let text = '';
    let at = 0;
    for (let i = 0; i < this.texts.length; i++) {
      text += bytes.toString('latin1', at, this.places[i * 2]) + this.texts[i]!;
      at = this.places[i * 2 + 1]!;
    }
    return Buffer.from(text + bytes.toString('latin1', at), 'latin1');
  }
}

const PLAIN = /^[\w@*. :/+-]*$/;

/** A text as JSON in ASCII. */
export const asciiJson = (text: string): string =>
  PLAIN.test(text)
    ? `"${text}"`
    : JSON.stringify(text).replace(
        /[\u007f-\uffff]/g,
        (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
      );
