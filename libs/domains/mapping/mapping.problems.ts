import type { ProblemCode } from '@holdfast/platform/http';
import type { MappingCode } from './core/mapped';

/** Why a record of another format was rejected (`problems[].code` of a receipt), or the rest of its body was not read (`code` of the problem). */
const REJECTIONS: Readonly<Record<MappingCode, Pick<ProblemCode, 'meaning' | 'whatToDo'>>> = {
  ragged_row: {
    meaning: 'A row of CSV has more or fewer cells than there are columns. Rows behind it are read.',
    whatToDo: 'Mend the row; perhaps a delimiter stands in a cell that is not quoted.',
  },
  malformed_row: {
    meaning: 'A row of CSV has something behind the quote that ends a cell, or names a column twice in the header.',
    whatToDo: 'Double each quote within a quoted cell; give each column a name of its own.',
  },
  quote_not_closed: {
    meaning: 'A quoted cell of CSV does not end within 1 MiB, or not at all: which rows stand in it, nobody knows.',
    whatToDo: 'Close the quote, and send the file again: what is stored already counts as a duplicate.',
  },
  xml_not_well_formed: {
    meaning: 'The body is not well formed XML. Records before the mistake are read and counted.',
    whatToDo: 'Check it with any XML parser, and send it again: what is stored already counts as a duplicate.',
  },
  xml_entity_refused: {
    meaning: 'The body has a document type declaration. Entities are never declared, fetched or expanded.',
    whatToDo: 'Send the document without it; &amp; &lt; &gt; &quot; &apos; and numbers such as &#233; are read.',
  },
  edi_malformed: {
    meaning: 'An interchange does not begin with ISA, UNA or UNB as it must, or a segment never ends.',
    whatToDo: 'Send interchanges as they were received, ISA with its fixed widths, and nothing between them.',
  },
  wrong_segment_count: {
    meaning:
      'A trailer (SE, GE, IEA, UNT, UNE, UNZ) counts another number of segments, messages or groups than were received: something was lost or added on the way. A message is rejected as a whole; of a group or an interchange, the messages with right trailers are kept.',
    whatToDo: 'Ask the sender for the message, or the interchange, once more.',
  },
  wrong_control_number: {
    meaning: 'A trailer repeats another control number or reference than its header has.',
    whatToDo: 'Ask the sender for the message, or the interchange, once more.',
  },
  missing_segment: {
    meaning: 'A message, group or interchange lacks the segment that `field` names.',
    whatToDo: 'Ask the sender for the whole interchange; compare `recordSegment` of the mapping with its messages.',
  },
  unexpected_segment: {
    meaning: 'A segment of an interchange stands where none can.',
    whatToDo: 'Ask the sender to mend the interchange.',
  },
  conversion_failed: {
    meaning: 'A value could not be converted as the mapping says, or is none of those that it chooses by.',
    whatToDo: '`field` names the place in the mapping; try it with POST /v1/mappings/preview.',
  },
  no_change_event: {
    meaning: 'A message is no change event of Debezium.',
    whatToDo: 'Send the messages as the connector writes them, in JSON, not flattened by a transformation.',
  },
  no_row_change: {
    meaning: 'A message of Debezium tells of no row: a truncated table (t) or a message of the log (m).',
    whatToDo: 'Leave these out (`skipped.operations` of the connector), or send what they say as an event of its own.',
  },
  position_unknown: {
    meaning:
      'A message of Debezium does not say where its change stands in the log of the database, so that a second sending could not be told from a second change.',
    whatToDo: 'Map `id` to what identifies the change.',
  },
};

/** Codes of mappings, and of what they reject. */
export const MAPPING_PROBLEMS: readonly ProblemCode[] = [
  {
    code: 'mapping_not_found',
    kind: 'not_found',
    meaning: 'There is no mapping of this id.',
    whatToDo: 'List them with GET /v1/mappings.',
  },
  {
    code: 'invalid_mapping',
    kind: 'invalid',
    meaning: 'The mapping has the right form, and could not be used.',
    whatToDo: 'Mend each place that `errors` lists.',
  },
  ...Object.entries(REJECTIONS).map(([code, about]): ProblemCode => ({ code, kind: 'invalid', ...about })),
];
