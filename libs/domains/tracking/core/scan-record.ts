/** What the bytes of one record tell before they are parsed. */
export interface Scan {
  /** Where the value of the top-level member `data` stands; -1 when it was not seen. */
  dataStart: number;
  dataEnd: number;
  /** Members of all objects, repeated ones counted each time. */
  members: number;
  depth: number;
  /** A number that JSON.parse may round or lose: of more than 15 digits, or with an exponent. */
  longNumber: boolean;
}

const [QUOTE, BACKSLASH, COLON, COMMA, OPEN, CLOSE, OPEN_LIST, CLOSE_LIST] = [
  0x22, 0x5c, 0x3a, 0x2c, 0x7b, 0x7d, 0x5b, 0x5d,
] as const;
const [D, A, T] = [0x64, 0x61, 0x74] as const;

/** One pass over UTF-8 bytes that are JSON, or not: it only has to end. The result object is the caller's, so that none is made per record. */
export function scanRecord(bytes: Buffer, start: number, end: number, scan: Scan): void {
  let depth = 0;
  let deepest = 0;
  let members = 0;
  let digits = 0;
  let longNumber = false;
  let dataStart = -1;
  let dataEnd = -1;
  let nameIsData = false;
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!;
    if (byte >= 0x30 && byte <= 0x39) {
      if (++digits > 15) longNumber = true;
      continue;
    }
    if (byte === 0x2e) continue; // digits before and after the point are one number's
    if (digits > 0) {
      if (byte === 0x65 || byte === 0x45) longNumber = true;
      digits = 0;
    }
    if (byte === QUOTE) {
      const from = i + 1;
      let escaped = false;
      for (i = from; i < end && bytes[i] !== QUOTE; i++)
        if (bytes[i] === BACKSLASH) {
          escaped = true;
          i++;
        }
      if (depth === 1)
        nameIsData = escaped
          ? namesData(bytes, from, i)
          : i - from === 4 &&
            bytes[from] === D &&
            bytes[from + 1] === A &&
            bytes[from + 2] === T &&
            bytes[from + 3] === A;
    } else if (byte === COLON) {
      members++;
      if (nameIsData && depth === 1 && dataStart < 0) dataStart = i + 1;
      nameIsData = false;
    } else if (byte === OPEN || byte === OPEN_LIST) {
      if (++depth > deepest) deepest = depth;
    } else if (byte === CLOSE || byte === CLOSE_LIST) {
      if (--depth === 0 && dataStart >= 0 && dataEnd < 0) dataEnd = i;
    } else if (byte === COMMA) {
      if (depth === 1 && dataStart >= 0 && dataEnd < 0) dataEnd = i;
    }
  }
  scan.dataStart = dataEnd < 0 ? -1 : dataStart;
  scan.dataEnd = dataEnd;
  scan.members = members;
  scan.depth = deepest;
  scan.longNumber = longNumber;
}

/** Whether an escaped name such as `d\u0061ta` is the one that is looked for. */
function namesData(bytes: Buffer, from: number, to: number): boolean {
  if (to - from > 24) return false; // four characters of six bytes each
  return /^(?:d|\\u0064)(?:a|\\u0061)(?:t|\\u0074)(?:a|\\u0061)$/.test(bytes.toString('latin1', from, to));
}

/** Members of all objects in a parsed value: fewer than {@link Scan.members} when a name was repeated. */
export function countMembers(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  let members = 0;
  if (Array.isArray(value)) {
    for (const element of value) members += countMembers(element);
    return members;
  }
  for (const name in value) members += 1 + countMembers((value as Record<string, unknown>)[name]);
  return members;
}
