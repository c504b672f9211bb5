import type { Micros } from '@holdfast/kernel';

/** `hf_<id>_<secret>`: an id to look it up by, and 256 random bits. Both have a fixed length, so that `_` in the secret is no separator. */
export interface KeyText {
  readonly id: string;
  readonly secret: string;
}

const SHAPE = /^hf_([0-9a-f]{20})_([A-Za-z0-9_-]{43})$/;
export const KEY_ID = /^[0-9a-f]{20}$/;

/** @returns undefined when the text is not a key of ours */
export function parseKey(text: string): KeyText | undefined {
  const found = SHAPE.exec(text);
  return found ? { id: found[1]!, secret: found[2]! } : undefined;
}

export const formatKey = ({ id, secret }: KeyText): string => `hf_${id}_${secret}`;

/** Whether a key that is not revoked works at a time. @param expiresAt undefined for one that does not expire */
export const isExpired = (expiresAt: Micros | undefined, now: Micros): boolean =>
  expiresAt !== undefined && expiresAt <= now;

/** Of the valid keys of administrators, those that would be left. Nobody may take the last one away: nobody could then make another. */
export const keysLeft = <T>(valid: readonly T[], taken: (key: T) => boolean): readonly T[] =>
  valid.filter((key) => !taken(key));
