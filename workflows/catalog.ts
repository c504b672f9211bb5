import type { ContractNames, WorkflowOf } from '@holdfast/platform/workflow-kit';
import type * as implementations from './index';
import { escalateAlert } from './alerting/escalate-alert/contract';
import { followIncident } from './alerting/follow-incident/contract';
import { destroyArchiveKey } from './archives/destroy-archive-key/contract';
import { drillArchives } from './archives/drill-archives/contract';
import { restoreArchive } from './archives/restore-archive/contract';
import { rotateArchiveKeys } from './archives/rotate-archive-keys/contract';
import { verifyArchive } from './archives/verify-archive/contract';
import { writeArchive } from './archives/write-archive/contract';
import { compareDataSets } from './comparisons/compare-data-sets/contract';
import { openDueComparison } from './comparisons/open-due-comparison/contract';
import { legalHold } from './holds/legal-hold/contract';
import { inspectSources } from './findings/inspect-sources/contract';
import { backfillWindows } from './reconciliation/backfill-windows/contract';
import { checkReference } from './quality/check-reference/contract';
import { evaluateObjective } from './quality/evaluate-objective/contract';
import { measureQuality } from './quality/measure-quality/contract';
import { runRetention } from './retention/run-retention/contract';
import { evaluateRules } from './rules/evaluate-rules/contract';
import { watchGaps } from './oncall/watch-gaps/contract';
import { openDueWindows } from './reconciliation/open-due-windows/contract';
import { openWindow } from './reconciliation/open-window/contract';
import { reconcileWindow } from './reconciliation/reconcile-window/contract';
import { decideDiscrepancies } from './resolution/decide-discrepancies/contract';
import { replayFromSource } from './resolution/replay-from-source/contract';
import { resolveWindow } from './resolution/resolve-window/contract';
import { changeDocument } from './register/change-document/contract';
import { announceChange } from './suppression/announce-change/contract';
import { probePath } from './synthetics/probe-path/contract';
import { tellAlive } from './synthetics/tell-alive/contract';
import { watchHeartbeats } from './synthetics/watch-heartbeats/contract';
import { replayQuarantine } from './tracking/replay-quarantine/contract';

/** Every workflow there is. What follows does not compile when one is missing, misnamed, or differs from its contract. */
export const catalog = {
  announceChange,
  backfillWindows,
  changeDocument,
  decideDiscrepancies,
  checkReference,
  compareDataSets,
  destroyArchiveKey,
  drillArchives,
  escalateAlert,
  evaluateObjective,
  evaluateRules,
  followIncident,
  inspectSources,
  legalHold,
  measureQuality,
  openDueComparison,
  openDueWindows,
  openWindow,
  probePath,
  reconcileWindow,
  replayFromSource,
  replayQuarantine,
  resolveWindow,
  restoreArchive,
  rotateArchiveKeys,
  runRetention,
  tellAlive,
  verifyArchive,
  watchGaps,
  watchHeartbeats,
  writeArchive,
} as const;

type Catalog = typeof catalog;
type Expect<T extends true> = T;
export type EveryContractIsImplemented = Expect<
  typeof implementations extends { [K in keyof Catalog]: WorkflowOf<Catalog[K]> } ? true : false
>;
export type EveryWorkflowHasAContract = Expect<keyof typeof implementations extends keyof Catalog ? true : false>;
export type EveryContractBearsItsName = Expect<Catalog extends ContractNames<Catalog> ? true : false>;
