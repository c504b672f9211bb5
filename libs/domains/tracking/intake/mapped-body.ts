import type { BodyMapper, Mapped, MappingRejection } from '@holdfast/domains/mapping/core/mapped';
import { BrokenBody, LONGEST_RECORD, type Piece } from './split-records';

type Chunks = AsyncIterable<Buffer>;
/** Bytes of events after which they are handed on: a part of a body may become far more than itself. */
const HANDED_ON = 262_144;
const EMPTY = Buffer.alloc(0);

/**
 * The records of a body as tracking events in JSON, to be read as if they had been sent so.
 * @param split cuts a body of messages into them
 * @param source of rejected records, as far as the mapping tells; '' otherwise
 * @throws BrokenBody where the body makes no sense any more
 */
export async function* readMapped(
  mapper: BodyMapper,
  chunks: Chunks,
  split: (chunks: Chunks) => AsyncGenerator<Piece[]>,
  source: string,
): AsyncGenerator<Piece[]> {
  const pieceOf = (mapped: Mapped): Piece => {
    if ('skipped' in mapped) return { bytes: EMPTY, tooLong: false, skipped: true };
    if ('rejection' in mapped)
      return { bytes: EMPTY, tooLong: false, refused: { rejection: mapped.rejection, source } };
    const bytes = Buffer.from(mapped.json);
    const tooLong = bytes.length > LONGEST_RECORD;
    return { bytes: tooLong ? EMPTY : bytes, tooLong, observed: mapped.observed === true };
  };
  if (mapper.takes === 'messages') {
    for await (const messages of split(chunks))
      yield* handedOn(messages, (one) => (one.tooLong ? one : pieceOf(mapper.map(one.bytes))));
    return;
  }
  for await (const chunk of chunks) {
    const { records, broken } = mapper.read(chunk);
    yield* handedOn(records, pieceOf);
    if (broken) throw brokenBy(broken);
  }
  const { records, broken } = mapper.end();
  yield* handedOn(records, pieceOf);
  if (broken) throw brokenBy(broken);
}

const brokenBy = ({ code, reason }: MappingRejection): BrokenBody => new BrokenBody(reason, code);

function* handedOn<T>(records: Iterable<T>, pieceOf: (record: T) => Piece): Generator<Piece[]> {
  let pieces: Piece[] = [];
  let length = 0;
  for (const record of records) {
    const piece = pieceOf(record);
    pieces.push(piece);
    length += piece.bytes.length;
    if (length < HANDED_ON) continue;
    yield pieces;
    [pieces, length] = [[], 0];
  }
  if (pieces.length > 0) yield pieces;
}
