import type { Encoding } from './mapping';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
/** What Windows-1252 has from 0x80 to 0x9f, where Latin-1 has control characters. Node's own decoder of that name reads Latin-1. */
const WINDOWS = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';

/** The text of bytes; undefined where they are no UTF-8. */
export function decode(bytes: Buffer, encoding: Encoding): string | undefined {
  if (encoding === 'latin1') return bytes.toString('latin1');
  if (encoding === 'windows-1252')
    return bytes.toString('latin1').replaceAll(/[\x80-\x9f]/g, (one) => WINDOWS[one.charCodeAt(0) - 0x80]!);
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}
