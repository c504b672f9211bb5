import { HASH_BYTES } from './merkle';
import { NoteError } from './note';

/** What a log says of itself at one moment: C2SP tlog-checkpoint. */
export interface Checkpoint {
  /** Name of the log. */
  readonly origin: string;
  /** Leaves. */
  readonly size: number;
  readonly root: Buffer;
}

/** The text of a checkpoint, to be signed as a note. */
export const checkpointText = ({ origin, size, root }: Checkpoint): string =>
  `${origin}\n${size}\n${root.toString('base64')}\n`;

/** Reads the text of a checkpoint; lines that extend it are passed over. @throws NoteError */
export function readCheckpoint(text: string): Checkpoint {
  const [origin = '', size = '', root = ''] = text.split('\n');
  const bytes = Buffer.from(root, 'base64');
  const isWell = origin !== '' && /^(0|[1-9]\d{0,15})$/.test(size) && Number.isSafeInteger(Number(size));
  if (!isWell || bytes.length !== HASH_BYTES || bytes.toString('base64') !== root)
    throw new NoteError('the checkpoint is malformed');
  return { origin, size: Number(size), root: bytes };
}
