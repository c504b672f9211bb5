import { formatInstant, type Micros } from '@holdfast/kernel';
import { holds, type HoldVersion } from './core/hold';
import type { HoldScope } from './core/scope';
import type { HoldDetail, HoldView } from './hold.service';
import type { ScopeCount } from './held-row.store';

const timeOrNull = (at: Micros | undefined): string | null => (at === undefined ? null : formatInstant(at));

export const countAnswer = ({ firstAt, lastAt, records, ...count }: ScopeCount) => ({
  ...{ records, ...count },
  firstAt: records === 0 ? null : formatInstant(firstAt),
  lastAt: records === 0 ? null : formatInstant(lastAt),
});

const scopeAnswer = ({ from, to, ...scope }: HoldScope) => ({
  ...scope,
  ...(from !== undefined && { from: formatInstant(from) }),
  ...(to !== undefined && { to: formatInstant(to) }),
});

const versionAnswer = ({ version, state, terms, reason, by, at }: HoldVersion) => ({
  ...{ version, state, matter: terms.matter, counsel: terms.counsel, description: terms.description ?? null },
  ...{ scope: scopeAnswer(terms.scope), reason, changedBy: by, changedAt: formatInstant(at) },
});

export const holdAnswer = (view: HoldView) => ({
  id: view.hold,
  ...versionAnswer(view),
  inForce: holds(view.state),
  custodians: view.terms.custodians.map(({ id }) => {
    const known = view.acknowledgements.find(({ custodian }) => custodian === id);
    return { id, acknowledgedAt: timeOrNull(known?.at), via: known?.via ?? null };
  }),
  remindEveryDays: view.terms.remindEveryDays,
  reviewEveryDays: view.terms.reviewEveryDays,
  reviewAt: timeOrNull(view.reviewAt),
});

export const holdDetailAnswer = (detail: HoldDetail) => ({
  ...holdAnswer(detail),
  versions: detail.versions.map(versionAnswer),
  notices: detail.notices.map(({ at, ...notice }) => ({ ...notice, at: formatInstant(at) })),
});

const REPORT = [
  'hold',
  'state',
  'matter',
  'counsel',
  'changedAt',
  'changedBy',
  'reviewAt',
  'custodians',
  'acknowledged',
  'records',
  'keys',
  'bytes',
] as const;
/** A line of the report of open holds. */
export type ReportLine = Readonly<Record<(typeof REPORT)[number], string | number>>;

export const reportLine = (view: HoldView, count: ScopeCount): ReportLine => ({
  ...{ hold: view.hold, state: view.state, matter: view.terms.matter, counsel: view.terms.counsel },
  ...{ changedAt: formatInstant(view.at), changedBy: view.by, reviewAt: timeOrNull(view.reviewAt) ?? '' },
  custodians: view.terms.custodians.length,
  acknowledged: view.terms.custodians.filter(({ id }) =>
    view.acknowledgements.some(({ custodian }) => custodian === id),
  ).length,
  ...{ records: count.records, keys: count.keys, bytes: count.bytes },
});

/** Texts that a spreadsheet would take for formulas are told as texts. Source: RFC 4180. */
const cell = (value: string | number): string => {
  const text = typeof value === 'string' && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};
export const reportCsv = (lines: readonly ReportLine[]): string =>
  [REPORT.join(), ...lines.map((line) => REPORT.map((name) => cell(line[name])).join())]
    .map((line) => `${line}\r\n`)
    .join('');
