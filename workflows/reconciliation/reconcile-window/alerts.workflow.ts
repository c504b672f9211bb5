import type { ResolveReason } from '@holdfast/domains/alerting/core/alert';
import { reconciliationId, type Window, type WindowState } from '@holdfast/domains/reconciliation/core/window';
import type { Resolved } from '@holdfast/domains/resolution/core/decided';
import type { Micros } from '@holdfast/kernel';
import { activitiesOf } from '@holdfast/platform/workflow-kit';
import * as wf from '@temporalio/workflow';
import * as contract from './contract';

const { raise, endAlert: end } = activitiesOf(contract.reconcileWindow);

/** What of a window's standing its alert is about. */
interface Alerted {
  state: WindowState;
  revision: number;
  open: number;
  /** The alert that is out; '' for none. */
  alertId: string;
}

/**
 * One alert follows the window until it is closed. When somebody has resolved it by hand, what was not there before raises the next. A rule that pages, and a
 * window that is open past its deadline, take its place by one of their own, which pages from the first level on.
 */
export async function tellOfGaps(
  window: Window,
  { policy, resolveBy }: contract.Plan,
  { undecided, escalate }: Resolved,
  at: Alerted,
  isNews: (alarm: contract.Alarm) => Promise<boolean>,
  isNewRevision: boolean,
  tell: () => Promise<void>,
): Promise<void> {
  const { alertId, revision } = at;
  const isOverdue = resolveBy !== null && Date.now() * 1000 >= resolveBy;
  const pager = escalate?.policy ?? policy;
  const raised: Promise<void>[] = [];
  if (policy !== null && isOverdue && !alertId.endsWith(OVERDUE))
    raised.push(replaceAlert(window, policy, OVERDUE, at));
  else if (escalate && pager !== null && !alertId.endsWith(OVERDUE) && !alertId.endsWith(`.${escalate.rule}`))
    raised.push(replaceAlert(window, pager, `.${escalate.rule}`, at));
  else if (undecided > 0 && policy !== null && (alertId === '' || (await isNews({ window, revision, alertId }))))
    raised.push(raiseAlert(window, policy, at));
  const hasNews = isNewRevision || raised.length > 0; // a later run reads the alert's id from the story
  await Promise.all(raised); // who reads of an alert finds it
  if (hasNews) await tell();
}

/** Ends the id of an alert that says that the window was open for too long. No rule has an id of this form. */
const OVERDUE = '.overdue~';

/** When the window has to be looked at again although nothing comes; undefined: never. */
export function wakesAt({ wakeAt }: Resolved, { policy, resolveBy }: contract.Plan, at: Alerted): Micros | undefined {
  const overdue = resolveBy !== null && policy !== null && !at.alertId.endsWith(OVERDUE) ? resolveBy : undefined;
  return wakeAt === null ? overdue : Math.min(wakeAt, overdue ?? wakeAt);
}

/** A first judgement that takes longer, its turn in the queue included, and goes on past the window's deadline, needs people. Milliseconds. */
const PATIENCE = 3_600_000;
/** Ends the id of an alert that says that no verdict came. The one that follows says how much is open. */
const UNJUDGED = '.unjudged~';

/** Follows a judgement; when the first does not come, tells that the window is past its deadline without a verdict. */
export async function tellOfDelay<T>(
  window: Window,
  { policy, resolveBy }: contract.Plan,
  at: Alerted,
  judged: Promise<T>,
  tell: () => Promise<void>,
): Promise<T> {
  if (policy === null || resolveBy === null || at.revision > 0 || at.alertId !== '') return judged;
  let hasEnded = false;
  const end = (): void => void (hasEnded = true);
  judged.then(end, end);
  if (!(await wf.condition(() => hasEnded, Math.max(PATIENCE, resolveBy / 1000 - Date.now())))) {
    await raiseAlert(window, policy, at, UNJUDGED);
    await tell();
  }
  return judged;
}

async function replaceAlert(window: Window, policy: string, suffix: string, at: Alerted): Promise<void> {
  const before = at.alertId;
  const raised = raiseAlert(window, policy, at, suffix);
  await Promise.all([raised, endAlert(before, '', 'escalated')]);
}

/** An alert has a workflow of its own, which pages. */
async function raiseAlert(window: Window, policy: string, at: Alerted, suffix = ''): Promise<void> {
  const { open, revision } = at;
  const fingerprint = reconciliationId(window);
  at.alertId = `${fingerprint}.${revision}${suffix}`;
  const alert = {
    alertId: at.alertId,
    fingerprint,
    process: window.process,
    subject: { kind: 'reconciliation', id: fingerprint },
    severity: 'critical',
    policy,
    labels: {},
    facts: { open, revision },
  } as const;
  await raise(alert);
}

/** The window is closed. */
export async function resolveAlert(at: Alerted, by: string): Promise<void> {
  const { alertId, state } = at;
  at.alertId = '';
  await endAlert(alertId, by, state === 'cancelled' || state === 'accepted' ? state : 'healed');
}

async function endAlert(alertId: string, by: string, reason: ResolveReason): Promise<void> {
  if (alertId !== '') await end(alertId, { by, reason, at: Date.now() * 1000 });
}
