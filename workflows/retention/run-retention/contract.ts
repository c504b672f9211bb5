import { defineSaga, type SagaInput } from '@holdfast/platform/workflow-kit';

/** What a run is asked for. Its plan, and what became of it, stand in ClickHouse under the saga's id. */
export interface RetentionRunInput extends SagaInput {
  readonly run: string;
  /** Plans, and does nothing. */
  readonly dryRun: boolean;
}

const terms = {
  queue: 'archives',
  startToClose: '6h',
  heartbeat: '1m',
  retry: { initialInterval: '1s', maximumInterval: '5m', maximumAttempts: 20 },
} as const;
/** Beyond the point of no return nothing is given up by itself. */
const forward = { ...terms, retry: { initialInterval: '1s', maximumInterval: '1m', maximumAttempts: 10 } } as const;

/** Has everything that is due go, and what leaves the store for the archive be there first. */
export const runRetention = defineSaga<RetentionRunInput>()({
  name: 'runRetention',
  id: ({ run }) => run,
  steps: {
    plan: {
      does: 'work',
      says: 'Counts what is due, and what goes to the archive, partition by partition',
      terms: { ...terms, repeat: 'counts again, and takes the place of the first count' },
      undo: 'nothing',
    },
    approval: { does: 'approval', says: 'Waits until somebody else has approved the plan' },
    recheck: {
      does: 'work',
      says: 'Sees whether policies, holds and records are still those that were approved',
      terms: { ...terms, repeat: 'looks again' },
      undo: 'nothing',
      returnsTo: 'plan',
    },
    archive: {
      does: 'work',
      says: 'Writes what goes to the archive, sealed, object by object',
      terms: { ...terms, endsBeforeCancelled: true, repeat: 'leaves objects that are there as they are' },
      undo: {
        says: 'Takes away the archives that it has written',
        terms: { ...terms, repeat: 'finds nothing left to take away' },
      },
    },
    verify: {
      does: 'work',
      says: 'Reads every archive back from its store, opens it, and compares it with the records',
      terms: { ...terms, repeat: 'reads again' },
      undo: 'nothing',
    },
    purge: {
      does: 'work',
      says: 'Deletes what is due, and what is verified in the archive, but for what is held',
      terms: { ...forward, repeat: 'deletes nothing that an earlier try has deleted, and counts it once' },
      undo: 'forward_only',
      mayBeCutShort: true,
    },
    purgeRelated: {
      does: 'work',
      says: 'Deletes what was found out about records that are gone for good',
      terms: { ...forward, repeat: 'finds nothing left to delete' },
      undo: 'forward_only',
    },
    prove: {
      does: 'work',
      says: 'Waits until the engine has none of the bytes any more',
      terms: { ...forward, repeat: 'looks again' },
      undo: 'forward_only',
    },
    certify: {
      does: 'work',
      says: 'Signs the certificate, and enters it into the audit log',
      terms: { ...forward, repeat: 'leaves the certificate that is there as it is' },
      undo: 'forward_only',
    },
  },
});
