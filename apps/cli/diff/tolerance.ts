import type { Tolerance } from '@holdfast/domains/comparisons/core/comparison';
import { UsageError } from '../exit';

const MICROS: Readonly<Record<string, number>> = { us: 1, ms: 1_000, s: 1_000_000, m: 60_000_000, h: 3_600_000_000 };

/** `amount=0.01`, `price=1%`, `at=2s`, `name=case`; several for one column hold together. @throws UsageError */
export function tolerancesOf(texts: readonly string[]): Map<string, Tolerance> {
  const all = new Map<string, Tolerance>();
  for (const text of texts) {
    const at = text.lastIndexOf('=');
    const [name, what] = [text.slice(0, at), text.slice(at + 1)];
    const one = at > 0 ? toleranceOf(what) : undefined;
    if (!one) throw new UsageError(`--tolerance ${text}: a column and 0.01, 1%, 2s, case or trim`);
    all.set(name, { ...all.get(name), ...one });
  }
  return all;
}

function toleranceOf(text: string): Tolerance | undefined {
  if (text === 'case') return { ignoreCase: true };
  if (text === 'trim') return { trim: true };
  const match = /^(\d+(?:\.\d+)?)(%|us|ms|s|m|h)?$/.exec(text);
  if (!match) return undefined;
  const [value, unit] = [Number(match[1]), match[2]];
  if (unit === undefined) return { absolute: value };
  return unit === '%' ? { relative: value / 100 } : { timeMicros: value * MICROS[unit]! };
}
