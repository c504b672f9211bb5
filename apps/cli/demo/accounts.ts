import type { Account, ApiClient } from '../api-client';
import { count, table } from '../output';

const PARTS = ['received', 'stored', 'duplicate', 'conflict', 'rejected'] as const;

export const addAccounts = (a: Account, b: Account): Account => ({
  received: a.received + b.received,
  stored: a.stored + b.stored,
  duplicate: a.duplicate + b.duplicate,
  conflict: a.conflict + b.conflict,
  rejected: a.rejected + b.rejected,
});

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
  const addsUp = counted.received === counted.stored + counted.duplicate + counted.conflict + counted.rejected;
  const same = (part: (typeof PARTS)[number]): boolean => counted[part] === expected[part];
  if (!addsUp || !same('stored') || !same('conflict') || !same('rejected')) return false;
  return wasDisturbed ? counted.received >= expected.received : same('received') && same('duplicate');
}

export function accountText(expected: Account, counted: Account): string {
  const rows = [
    { name: 'generated', account: expected },
    { name: 'counted by intake', account: counted },
  ];
  return table(rows, [
    { title: '', value: ({ name }) => name },
    ...PARTS.map((part) => ({
      title: part,
      value: ({ account }: (typeof rows)[number]) => count(account[part]),
      align: 'right' as const,
    })),
  ]);
}
