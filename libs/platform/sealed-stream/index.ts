export { fingerprintOf } from './header';
export { SealError, type SealFault } from './seal-error';
export { opened, sealed } from './stream';
export { SealedReader } from './reader';
