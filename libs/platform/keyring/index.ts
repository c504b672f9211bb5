export { openKeyRing } from './open';
export type { KeyRing, WrappedKey } from './key-ring';
