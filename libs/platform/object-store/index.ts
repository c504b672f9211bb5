export { openStore } from './open';
export { type ByteRange, type ObjectHead, type ObjectStore, type StoredObject } from './object-store';
