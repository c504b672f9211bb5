import { DomainError, invalid } from '@holdfast/kernel';
import {
  isSignedBy,
  NoteError,
  readCheckpoint,
  readCosignature,
  readNote,
  signatureLine,
  type LogStore,
  type SignerKey,
  type TileLog,
  type VerifierKey,
} from '@holdfast/platform/transparency';

/** What a witness has co-signed last. */
export interface Witnessed {
  /** Name of the witness. */
  readonly witness: string;
  readonly key: string;
  readonly size: number;
  /** Seconds since 1970, by the clock of the witness. */
  readonly time: number;
  /** The checkpoint with the log's signatures and this witness's. */
  readonly note: string;
}

/** Co-signatures of the configured witnesses: C2SP tlog-cosignature. They are kept beside the log, the last one of each. */
export class Witnesses {
  constructor(
    private readonly store: LogStore,
    private readonly origin: string,
    private readonly keys: readonly SignerKey[],
    private readonly witnesses: readonly VerifierKey[],
  ) {}

  /**
   * Takes a checkpoint of ours that witnesses have co-signed, as the answer to `add-checkpoint` of C2SP tlog-witness makes it.
   * @returns the names of the witnesses whose co-signature is on it
   * @throws DomainError `invalid` invalid_cosignature; `conflict` cosignature_of_other_log, when a witness has signed what is not ours: the log was put back, or somebody else signs as it
   */
  async take(note: string, log: TileLog): Promise<string[]> {
    const signed = read(note);
    if (!this.keys.some((key) => isSignedBy(signed, key))) throw refused('it has no signature of the log');
    const { origin, size, root } = checkpointOf(signed.text);
    if (origin !== this.origin) throw refused('it is of another log');
    if (size > log.publishedSize || !(await log.root(size)).equals(root)) throw otherLog();
    const names: string[] = [];
    for (const witness of this.witnesses) {
      if (!isSignedBy(signed, witness)) continue;
      names.push(witness.name);
      const known = await this.of(witness);
      if (known && known.size > size) continue;
      const own = [...this.keys, witness];
      const lines = signed.signatures.filter(({ name, id }) => own.some((key) => key.name === name && key.id === id));
      await this.store.put(pathOf(witness), Buffer.from(`${signed.text}\n${lines.map(signatureLine).join('')}`));
    }
    if (names.length === 0) throw refused('it has no signature of a witness that HOLDFAST_AUDIT_WITNESSES names');
    return names;
  }

  /** The last of each witness that has co-signed. */
  async list(): Promise<Witnessed[]> {
    const all = await Promise.all(this.witnesses.map((one) => this.of(one)));
    return all.filter((one) => one !== undefined);
  }

  private async of(witness: VerifierKey): Promise<Witnessed | undefined> {
    const kept = (await this.store.get(pathOf(witness)))?.toString();
    if (kept === undefined) return undefined;
    const { text, signatures } = readNote(kept);
    const own = signatures.find(({ name, id }) => name === witness.name && id === witness.id);
    const time = (own && readCosignature(own.bytes)?.time) ?? 0;
    return { witness: witness.name, key: witness.text, size: readCheckpoint(text).size, time, note: kept };
  }
}

const pathOf = ({ id }: VerifierKey): string => `witnesses/${id.toString(16).padStart(8, '0')}`;

function read(note: string): ReturnType<typeof readNote> {
  try {
    return readNote(note);
  } catch (error) {
    throw error instanceof NoteError ? refused(error.message) : error;
  }
}

function checkpointOf(text: string): ReturnType<typeof readCheckpoint> {
  try {
    return readCheckpoint(text);
  } catch (error) {
    throw error instanceof NoteError ? refused(error.message) : error;
  }
}

const refused = (reason: string): DomainError =>
  invalid('invalid_cosignature', 'the checkpoint is not one of this log that a known witness has co-signed', [
    { field: 'note', reason },
  ]);
const otherLog = (): DomainError =>
  new DomainError(
    'conflict',
    'cosignature_of_other_log',
    'a checkpoint with the signature of this log is not the beginning of what it is now',
  );
