import type { Encoding } from './mapping';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const windows = new TextDecoder('windows-1252');

/** The text of bytes; undefined where they are no UTF-8. */
export function decode(bytes: Buffer, encoding: Encoding): string | undefined {
  if (encoding === 'latin1') return bytes.toString('latin1');
  if (encoding === 'windows-1252') return windows.decode(bytes);
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}
