import { count, type Column } from './output';

/** What became of records, in the order in which it is shown; the first is the sum of the others. */
export const ACCOUNT_PARTS = [
  'received',
  'stored',
  'duplicate',
  'conflict',
  'quarantined',
  'rejected',
  'sampledOut',
] as const;
export type Account = Readonly<Record<(typeof ACCOUNT_PARTS)[number], number>>;

export const NO_ACCOUNT: Account = accountOf(() => 0);

export function accountOf(value: (part: keyof Account) => number): Account {
  return Object.fromEntries(ACCOUNT_PARTS.map((part) => [part, value(part)])) as Account;
}

export const addAccounts = (a: Account, b: Account): Account => accountOf((part) => a[part] + b[part]);

export const addsUp = (account: Account): boolean =>
  account.received === ACCOUNT_PARTS.slice(1).reduce((sum, part) => sum + account[part], 0);

/** Columns for a table of accounts. */
export const accountColumns: readonly Column<Account>[] = ACCOUNT_PARTS.map((part) => ({
  title: part === 'sampledOut' ? 'sampled out' : part,
  value: (account) => count(account[part]),
  align: 'right',
}));
