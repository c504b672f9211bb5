import type { ProblemCode } from '@holdfast/platform/http';

/** Codes of versioned documents of every kind. */
export const REGISTER_PROBLEMS: readonly ProblemCode[] = [
  {
    code: 'version_mismatch',
    kind: 'precondition_failed',
    meaning: 'Somebody else has changed the document since you read it; `currentVersion` is the one that it has now.',
    whatToDo: 'Read it again, repeat your change on what is there now, and send the new ETag as If-Match.',
  },
  {
    code: 'document_exists',
    kind: 'precondition_failed',
    meaning: 'If-None-Match: * asked for a new document, and there is one of this id.',
    whatToDo: 'Take another id, or read the document and send its ETag as If-Match to change it.',
  },
  {
    code: 'document_missing',
    kind: 'precondition_failed',
    meaning: 'If-Match: * asked for a change of an existing document, and there is none of this id.',
    whatToDo: 'Check the id, or send If-None-Match: * to create it.',
  },
  {
    code: 'proposal_not_found',
    kind: 'not_found',
    meaning: 'The body that was to become the next version is not in the register any more.',
    whatToDo: 'Send the change again.',
  },
];
