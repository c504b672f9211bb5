/** What the API answers, as far as the command line shows it. */
export interface Revision {
  readonly revision: number;
  readonly state: string;
  readonly depth: string;
  readonly judgedAt: string;
  readonly processVersion: number;
  readonly events: Readonly<Record<string, number>>;
  readonly discrepancies: Readonly<Record<string, number>>;
  readonly open: number;
  readonly accepted: number;
}

export interface WindowRow {
  readonly id: string;
  readonly process: string;
  readonly from: string;
  readonly to: string;
  readonly state: string;
  readonly revision: number;
  readonly openedBy: string | null;
  readonly openedAt: string;
}

export interface StoryEntry {
  readonly at: string;
  readonly state: string;
  readonly revision: number;
  readonly by: string | null;
}

export interface Reconciliation extends WindowRow {
  readonly deadline: string | null;
  readonly verdict: Revision | null;
  readonly alert: string | null;
  readonly story: readonly StoryEntry[];
}

export interface Discrepancy {
  readonly key: string;
  readonly kind: string;
  readonly stage: string;
  readonly hop: string;
  readonly field?: string;
  readonly expected: string;
  readonly found: string;
  readonly firstSeenAt: string;
  readonly status: string;
}

export interface AlertRow {
  readonly id: string;
  readonly process: string;
  readonly subject: { readonly kind: string; readonly id: string };
  readonly severity: string;
  readonly policy: { readonly id: string; readonly version: number };
  readonly facts: { readonly open: number; readonly revision: number };
  readonly state: 'open' | 'acknowledged' | 'snoozed' | 'resolved';
  readonly group?: string;
  readonly context?: { readonly summary: string };
  readonly exhausted: boolean;
  readonly pages: number;
  readonly raisedAt: string;
  readonly acknowledgedAt?: string;
  readonly acknowledgedBy?: string;
  readonly acknowledgedVia?: string;
  readonly snoozedUntil?: string;
  readonly resolvedAt?: string;
  readonly resolvedBy?: string;
  readonly resolvedReason?: string;
}

export interface AlertTransition {
  readonly seq: number;
  readonly kind: string;
  readonly at: string;
  readonly level?: number;
  readonly repeat?: number;
  readonly target?: number;
  readonly routingKey?: string;
  readonly channel?: string;
  readonly person?: string;
  readonly dedupKey?: string;
  readonly code?: string;
  readonly by?: string;
  readonly via?: string;
  readonly reason?: string;
  readonly until?: string;
  readonly revision?: number;
}

/** Where an escalation stands. */
export interface AlertLive {
  readonly phase: string;
  readonly until?: string;
  readonly level?: number;
  readonly repeat?: number;
  readonly pagesUnderWay: number;
}

export interface Alert extends AlertRow {
  readonly transitions: readonly AlertTransition[];
  readonly live?: AlertLive;
}

/** Nothing more comes of a window by itself. */
export const isClosed = (state: string): boolean => ['matched', 'healed', 'accepted', 'cancelled'].includes(state);
/** The window has a verdict that stands, or was ended without one. */
export const isJudged = (state: string): boolean => state === 'gaps' || isClosed(state);
/** Nothing is open in it. */
export const isGood = (state: string): boolean => ['matched', 'healed', 'accepted'].includes(state);

/** `12 missing, 3 late`. */
export function kindsText(discrepancies: Readonly<Record<string, number>>): string {
  const named = Object.entries(discrepancies).filter(([, count]) => count > 0);
  return named.length === 0
    ? 'none'
    : named.map(([kind, count]) => `${count.toLocaleString('en-US')} ${kind}`).join(', ');
}

/** What a step of a window's story means. */
export function storyText({ state, revision, by }: StoryEntry): string {
  const who = by === null ? '' : ` by ${by}`;
  return revision > 0 ? `${state}${who}, revision ${revision}` : `${state}${who}`;
}
