export { type PublicJwk, Signing } from './signing';
