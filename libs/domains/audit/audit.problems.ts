import type { ProblemCode } from '@holdfast/platform/http';

/** Codes of the audit log. */
export const AUDIT_PROBLEMS: readonly ProblemCode[] = [
  {
    code: 'audit_entry_not_found',
    kind: 'not_found',
    meaning: 'The audit log has no entry of this sequence, or its row is gone.',
    whatToDo: 'Sequences begin at 0. Where the log is longer than that, run `holdfast audit verify`: a row is missing.',
  },
  {
    code: 'audit_tile_not_found',
    kind: 'not_found',
    meaning: 'The audit log has no such tile.',
    whatToDo: 'Ask for tiles of a size that a checkpoint says; a partial one may be whole by now.',
  },
  {
    code: 'audit_size_out_of_range',
    kind: 'invalid',
    meaning: 'The proof is asked for a size that the log never had, or for an entry beyond it.',
    whatToDo:
      'Take the size from a checkpoint. A checkpoint beyond the log was signed before the log was put back: see docs/guides/audit.md.',
  },
  {
    code: 'audit_entry_permanent',
    kind: 'conflict',
    meaning: 'What the audit log says of itself cannot be erased: that it was opened, or that an entry was erased.',
    whatToDo: 'Nothing; it holds nothing of a person.',
  },
  {
    code: 'audit_secret_wrong',
    kind: 'unauthenticated',
    meaning: 'API or worker show another secret than audit-log asks for.',
    whatToDo: 'Give all three the same HOLDFAST_AUDIT_LOG_SECRET.',
  },
  {
    code: 'invalid_cosignature',
    kind: 'invalid',
    meaning: 'The note is not a checkpoint of this log that a known witness has co-signed.',
    whatToDo:
      'Send the checkpoint with its own signatures and the line of the witness; name its key in HOLDFAST_AUDIT_WITNESSES.',
  },
  {
    code: 'cosignature_of_other_log',
    kind: 'conflict',
    meaning: 'The log has signed a checkpoint that is not the beginning of what it is now.',
    whatToDo: 'Keep the note: it proves that the log was put back, or that its key is used elsewhere.',
  },
];
