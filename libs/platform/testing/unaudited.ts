import type { Auditor } from '@holdfast/platform/http';

/** For an API under test whose audit log is not what the test is about: keeps nothing. */
export const UNAUDITED: Auditor = { write: () => Promise.resolve() };
