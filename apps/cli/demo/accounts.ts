import { type Account, ACCOUNT_PARTS, accountColumns, addsUp } from '../account';
import type { ApiClient } from '../api-client';
import { table } from '../output';

/** The intake's account of everything that was received since `from`, in milliseconds since 1970. */
export function accountSince(client: ApiClient, from: number): Promise<Account> {
  const whole = (ms: number): string => new Date(ms - (ms % 1000)).toISOString().replace('.000Z', 'Z');
  return client.get<Account>('/v1/intake', { from: whole(from), to: whole(Date.now() + 2000) });
}

/**
 * Whether the account is as the generator foretold. Where processes were killed, requests were sent again: a record that had been stored then counts once
 * more as received and duplicate, and nothing else may differ.
 */
export function isAsExpected(expected: Account, counted: Account, wasDisturbed: boolean): boolean {
  const same = (part: keyof Account): boolean => counted[part] === expected[part];
  const maySwell: readonly (keyof Account)[] = ['received', 'duplicate'];
  if (!addsUp(counted) || !ACCOUNT_PARTS.every((part) => maySwell.includes(part) || same(part))) return false;
  return wasDisturbed ? counted.received >= expected.received : same('received') && same('duplicate');
}

export function accountText(expected: Account, counted: Account): string {
  const rows = [
    { name: 'generated', ...expected },
    { name: 'counted by intake', ...counted },
  ];
  return table(rows, [{ title: '', value: ({ name }) => name }, ...accountColumns]);
}
