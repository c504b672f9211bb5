export { readCheckpoint } from './checkpoint';
export { DirectoryLogStore } from './directory-store';
export { verifyConsistency, verifyInclusion, leafHash } from './merkle';
export {
  cosign,
  isSignedBy,
  NoteError,
  readCosignature,
  readNote,
  readVerifierKey,
  SIGNATURE_TYPE,
  signatureLine,
  signerKey,
  type SignerKey,
  type VerifierKey,
} from './note';
export { BrokenLogError, SupersededError, TileLog } from './tile-log';
export { bundlePath, entriesOf, isTilePath, tilePath, widthIn } from './tiles';
export type { LogStore } from './store';
