import { decimalOf } from './decimal';

const TOKEN = /\s*(?:([{}[\],:])|("(?:[^"\\]|\\.)*")|(-?\d[\d.eE+-]*|true|false|null))/gsy;
const DEEPEST = 200;

/**
 * One text for one JSON value: members in order of their names, numbers exactly, however long. Names that occur twice keep their order.
 * @param bytes one character for each byte
 * @returns undefined where it is no JSON, or deeper than 200
 */
export function canonicalJson(bytes: string): string | undefined {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  const text = bytes.trimEnd();
  while (TOKEN.lastIndex < text.length) {
    const match = TOKEN.exec(text);
    if (!match) return undefined;
    tokens.push(match[1] ?? match[2] ?? match[3]!);
  }
  try {
    const reader = new Reader(tokens);
    const canonical = reader.value(0);
    return reader.isAtEnd() ? canonical : undefined;
  } catch {
    return undefined;
  }
}

class Reader {
  private at = 0;
  constructor(private readonly tokens: readonly string[]) {}

  isAtEnd = (): boolean => this.at === this.tokens.length;

  value(depth: number): string {
    const token = this.next();
    if (depth > DEEPEST) throw new RangeError('too deep');
    if (token === '{') {
      const members = this.list('}', () => {
        const name = JSON.stringify(JSON.parse(this.next()) as string);
        this.expect(':');
        return [name, this.value(depth + 1)] as const;
      });
      const sorted = members.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)); // stable: a repeated name keeps its order
      return `{${sorted.map((member) => member.join(':')).join(',')}}`;
    }
    if (token === '[') return `[${this.list(']', () => this.value(depth + 1)).join(',')}]`;
    if (token.startsWith('"')) return JSON.stringify(JSON.parse(token) as string);
    if (token === 'true' || token === 'false' || token === 'null') return token;
    const number = decimalOf(token);
    if (!number) throw new SyntaxError('no value');
    return `${number.digits}e${number.exponent}`;
  }

  private list<T>(end: string, item: () => T): T[] {
    const items: T[] = [];
    if (this.tokens[this.at] === end) {
      this.at++;
      return items;
    }
    for (;;) {
      items.push(item());
      const token = this.next();
      if (token === end) return items;
      if (token !== ',') throw new SyntaxError('no list');
    }
  }

  private next(): string {
    const token = this.tokens[this.at++];
    if (token === undefined) throw new SyntaxError('ends early');
    return token;
  }

  private expect(token: string): void {
    if (this.next() !== token) throw new SyntaxError(`no ${token}`);
  }
}
