import type { AlertContext } from '@holdfast/domains/alerting/core/alert';
import type { Process } from '@holdfast/domains/catalog/core/process';
import { formatInstant, type Micros } from '@holdfast/kernel';
import type { Cause } from './causes';
import type { Revision } from './revision';
import type { Window } from './window';

/** What is open on a hop. */
interface OpenHop {
  readonly hop: string;
  readonly open: number;
  readonly since: Micros | undefined;
}

/** What a page says of a window with gaps. */
export function contextOf(
  { from, to, process }: Window,
  { owner, runbook, fields }: Process,
  { open, kinds }: Revision,
  hops: readonly OpenHop[],
  causes: readonly Cause[],
  amounts: readonly { readonly currency: string; readonly value: number }[],
): AlertContext {
  const worst = hops.reduce<OpenHop | undefined>((a, b) => (b.open > (a?.open ?? 0) ? b : a), undefined);
  const since = Math.min(...hops.flatMap((one) => one.since ?? []));
  const [cause] = causes;
  const told = Object.entries(kinds)
    .filter(([kind, count]) => count > 0 && kind !== 'late')
    .map(([kind, count]) => `${count} ${kind}`);
  const span = `${formatInstant(from).slice(0, 16)}Z to ${formatInstant(to).slice(0, 16)}Z`;
  return {
    summary: `${process}: ${told.length > 0 ? told.join(', ') : `${open} open`}, ${span}`,
    ...(Number.isFinite(since) && { since }),
    ...(amounts.length > 0 && { amounts }),
    ...(worst && { topHop: `${worst.hop} (${worst.open})` }),
    ...(cause && {
      topCause: `${nameOf(cause, fields)} at ${cause.stage}: ${percent(cause.share)} of these, ${percent(cause.otherShare)} of the others`,
    }),
    ...(owner !== undefined && { owner }),
    ...(runbook !== undefined && { runbook }),
  };
}

/** What senders call the members of their data leaves Holdfast only where the process names it too: a name may tell as much as a value. */
function nameOf({ name }: Cause, fields: Process['fields']): string {
  if (!name.startsWith('data.')) return name;
  const member = name.slice('data.'.length);
  return fields.some((field) => field.name.split('.')[0] === member) ? name : 'a field of the data';
}

const percent = (share: number): string => `${Math.round(share * 100)}%`;
