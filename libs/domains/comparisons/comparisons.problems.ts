import type { ProblemCode } from '@holdfast/platform/http';

/** Codes of comparisons across stores. */
export const COMPARISON_PROBLEMS: readonly ProblemCode[] = [
  {
    code: 'comparison_invalid',
    kind: 'invalid',
    meaning: 'The comparison is not defined in a way that can be carried out.',
    whatToDo: 'Change the fields that the problem names.',
  },
  {
    code: 'comparison_not_found',
    kind: 'not_found',
    meaning: 'There is no comparison, or definition of one, of this id.',
    whatToDo: 'List them with GET /v1/comparisons and GET /v1/comparison-definitions.',
  },
  {
    code: 'connections_unreadable',
    kind: 'unavailable',
    meaning: 'The file of connections, or a secret that it refers to, cannot be read.',
    whatToDo: 'Have the operator mend what HOLDFAST_CONNECTIONS_FILE names; the detail says where it is wrong.',
  },
  {
    code: 'connection_unknown',
    kind: 'invalid',
    meaning: 'No connection of this name and kind is configured.',
    whatToDo: 'Name a configured connection, or have the operator configure it.',
  },
  {
    code: 'source_unavailable',
    kind: 'unavailable',
    meaning: 'A store of the comparison cannot be reached, or went away while it was read.',
    whatToDo: 'Try again when the store is there; the comparison goes on from its last segment.',
  },
  {
    code: 'source_slow',
    kind: 'unavailable',
    meaning: 'A store of the comparison took longer for a statement than it was given.',
    whatToDo: 'Give more time, add an index on the key, or compare less at once.',
  },
  {
    code: 'source_refused',
    kind: 'invalid',
    meaning: 'A store of the comparison refused the credentials, or does not let this account read the data set.',
    whatToDo: 'Check the user and the password or secret file of the connection, and what the account may read.',
  },
  {
    code: 'source_failed',
    kind: 'unavailable',
    meaning: 'A store of the comparison could not carry out a statement.',
    whatToDo: "Look at the store's own log; the problem has its code.",
  },
  {
    code: 'table_unknown',
    kind: 'invalid',
    meaning: 'A data set of the comparison is not there.',
    whatToDo: 'Check the names of schema, table or file.',
  },
  {
    code: 'column_unknown',
    kind: 'invalid',
    meaning: 'A column of the comparison is not there.',
    whatToDo: 'Check the name; a column may have a name on either side.',
  },
  {
    code: 'columns_incomparable',
    kind: 'invalid',
    meaning: 'The types of a column on both sides cannot be compared, or cannot be a key.',
    whatToDo: 'Leave the column out, or compare a view in which the types agree.',
  },
  {
    code: 'key_not_unique',
    kind: 'conflict',
    meaning: 'A key occurs more than once on one side; `holdfast diff` names some.',
    whatToDo: 'Add columns to the key, or have repeated keys compared as multisets.',
  },
  {
    code: 'key_too_crowded',
    kind: 'conflict',
    meaning:
      'Rows that differ have one key more than 100,000 times on one side, too many to be paired; 5,000 times where a column has a tolerance.',
    whatToDo: 'Add columns to the key, so that fewer rows have the same one.',
  },
  {
    code: 'source_out_of_order',
    kind: 'conflict',
    meaning: 'A store does not give rows in the order of the key, by which both sides are merged.',
    whatToDo: 'Check the types of the key columns; years before 1 and values out of range have no order in common.',
  },
  {
    code: 'file_unreadable',
    kind: 'invalid',
    meaning: 'A file cannot be read as what it is said to be, or ends too early.',
    whatToDo: 'Check the file and its format.',
  },
  {
    code: 'archive_damaged',
    kind: 'invalid',
    meaning: 'An archive is not what its manifest says: a file is missing, has other bytes, or other rows.',
    whatToDo: 'Restore the archive from its copy; the detail names the file.',
  },
  {
    code: 'address_refused',
    kind: 'invalid',
    meaning: 'An address leads to a private network.',
    whatToDo: 'Have the operator allow it for the connection.',
  },
  {
    code: 'source_too_large',
    kind: 'too_large',
    meaning: 'What an address answers is larger than its connection allows.',
    whatToDo: 'Ask the address for less, or have the operator raise the limit.',
  },
];
