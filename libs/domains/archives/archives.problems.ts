import type { ProblemCode } from '@holdfast/platform/http';

/** Codes of archives, of the store that they are in and of the keys that they are sealed with. */
export const ARCHIVE_PROBLEMS: readonly ProblemCode[] = [
  {
    code: 'archives_not_configured',
    kind: 'conflict',
    meaning: 'This installation archives nothing.',
    whatToDo:
      'Set HOLDFAST_ARCHIVE_STORE and HOLDFAST_ARCHIVE_KEY_RING for API and worker; `npm start` does so by itself.',
  },
  {
    code: 'archive_not_found',
    kind: 'not_found',
    meaning: 'There is no archive of this id.',
    whatToDo: 'List them with GET /v1/archives.',
  },
  {
    code: 'archive_not_written',
    kind: 'conflict',
    meaning: 'The archive is still being written, or writing it was given up.',
    whatToDo: 'Read it with GET /v1/archives/{id} until its state is `written` or `verified`.',
  },
  {
    code: 'archive_under_way',
    kind: 'conflict',
    meaning: 'The same class and month is being archived already: one at a time.',
    whatToDo: 'List it with GET /v1/archives?class=...&period=..., and wait for it.',
  },
  {
    code: 'archive_discarded',
    kind: 'conflict',
    meaning: 'The archive was taken away while it was being written. Seen in the worker alone.',
    whatToDo: 'Nothing: whoever called it off wanted that.',
  },
  {
    code: 'archive_incomplete',
    kind: 'conflict',
    meaning: 'A manifest was to be signed before every object was there. Seen in the worker alone.',
    whatToDo:
      'Have the partition archived again; report it: it does not happen in the order in which archives are written.',
  },
  {
    code: 'archive_export_cut_short',
    kind: 'unavailable',
    meaning: 'ClickHouse stopped in the middle of exporting rows. Nothing of it is kept. Seen in the worker alone.',
    whatToDo: 'Nothing: it is tried again. Look at the log of ClickHouse when it stays so.',
  },
  {
    code: 'archive_faulty',
    kind: 'conflict',
    meaning:
      'What lies in the store is not what was written: `fault` names what is wrong, `object` which object of it.',
    whatToDo: 'docs/runbooks/archive-faults.md has what each fault means and what can be done.',
  },
  {
    code: 'archive_key_not_found',
    kind: 'not_found',
    meaning: 'Archives have no key of this id, or nobody has asked to destroy it.',
    whatToDo: 'List keys with GET /v1/archive-keys.',
  },
  {
    code: 'destruction_open',
    kind: 'conflict',
    meaning: 'Somebody has asked for the destruction of this key already, and it waits for an answer, or is under way.',
    whatToDo: 'Approve or refuse it: POST /v1/archive-keys/{id}/destruction/approve or .../refuse.',
  },
  {
    code: 'destruction_closed',
    kind: 'conflict',
    meaning: 'The request to destroy the key was answered, or nobody did so in time.',
    whatToDo: 'Ask for it anew where it is still wanted.',
  },
  {
    code: 'own_request',
    kind: 'conflict',
    meaning: 'Nobody approves or refuses the destruction of a key that they have asked for.',
    whatToDo: 'Have somebody else answer.',
  },
  {
    code: 'restore_not_found',
    kind: 'not_found',
    meaning: 'There is no restore of this id.',
    whatToDo: 'POST /v1/archives/{id}/restores answers with the id of each.',
  },
  {
    code: 'restore_not_there',
    kind: 'conflict',
    meaning:
      'The restored records are not there: not yet, not any more, or they could not be restored. `state` says which.',
    whatToDo: 'Read it with GET /v1/archive-restores/{id}; have them restored again when their time is over.',
  },
  {
    code: 'object_missing',
    kind: 'not_found',
    meaning: 'The store of archives has no such object. Seen in the worker alone.',
    whatToDo: 'docs/runbooks/archive-faults.md says how to look for it.',
  },
  {
    code: 'object_locked',
    kind: 'conflict',
    meaning: 'The store keeps the object: its retention is not over, or it is under a legal hold.',
    whatToDo: 'Wait, or have the hold released. In COMPLIANCE mode nobody shortens a retention.',
  },
  {
    code: 'object_store_full',
    kind: 'unavailable',
    meaning: 'The store of archives has no room. Nothing of the object that was being written is left.',
    whatToDo: 'Make room; the step is tried again until there is.',
  },
  {
    code: 'object_store_unavailable',
    kind: 'unavailable',
    meaning: 'The store of archives does not answer, or refuses.',
    whatToDo: 'Look at its address in HOLDFAST_ARCHIVE_STORE and at its credentials; the step is tried again.',
  },
  {
    code: 'object_store_unfaithful',
    kind: 'unavailable',
    meaning:
      'The store of archives said that it had stored an object, and gave back something else, or nothing. Nothing is believed stored.',
    whatToDo: 'Do not archive into it until its vendor has explained this.',
  },
  {
    code: 'key_ring_unavailable',
    kind: 'unavailable',
    meaning: 'What wraps the keys of archives does not answer, or may be read by others than its owner.',
    whatToDo: 'Look at HOLDFAST_ARCHIVE_KEY_RING; a file needs `chmod 600`.',
  },
  {
    code: 'wrong_key',
    kind: 'conflict',
    meaning: 'There is a key of the right name, and it is not the one that sealed or wrapped.',
    whatToDo: 'docs/runbooks/lost-archive-key.md says where to look for the right one.',
  },
  {
    code: 'lost_key',
    kind: 'conflict',
    meaning: 'The key is neither in the ring nor in the register, and nobody has destroyed it here.',
    whatToDo: 'docs/runbooks/lost-archive-key.md says where to look for it.',
  },
  {
    code: 'destroyed_key',
    kind: 'conflict',
    meaning: 'The key was destroyed, and what it sealed with it.',
    whatToDo: 'Nothing brings it back: that was the purpose.',
  },
];
