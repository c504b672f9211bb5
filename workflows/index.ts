/** What the workflow bundle exports: every workflow, under its contract's name. */
export { changeDocument } from './register/change-document/change-document.workflow';
export { backfillWindows } from './reconciliation/backfill-windows/backfill-windows.workflow';
export { openDueWindows } from './reconciliation/open-due-windows/open-due-windows.workflow';
export { openWindow } from './reconciliation/open-window/open-window.workflow';
export { reconcileWindow } from './reconciliation/reconcile-window/reconcile-window.workflow';
export { replayQuarantine } from './tracking/replay-quarantine/replay-quarantine.workflow';
export { escalateAlert } from './alerting/escalate-alert/escalate-alert.workflow';
export { inspectSources } from './findings/inspect-sources/inspect-sources.workflow';
export { replayFromSource } from './resolution/replay-from-source/replay-from-source.workflow';
export { resolveWindow } from './resolution/resolve-window/resolve-window.workflow';
export { decideDiscrepancies } from './resolution/decide-discrepancies/decide-discrepancies.workflow';
export { checkReference } from './quality/check-reference/check-reference.workflow';
export { evaluateObjective } from './quality/evaluate-objective/evaluate-objective.workflow';
export { measureQuality } from './quality/measure-quality/measure-quality.workflow';
export { compareDataSets } from './comparisons/compare-data-sets/compare-data-sets.workflow';
export { openDueComparison } from './comparisons/open-due-comparison/open-due-comparison.workflow';
export { watchGaps } from './oncall/watch-gaps/watch-gaps.workflow';
