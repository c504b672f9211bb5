/** A random, URL-safe identifier of 128 bits: 22 characters of base64url. Not for use inside a workflow. */
export function newId(): string {
  const bytes = globalThis.crypto.getRandomValues(new Uint8Array(16));
  return Buffer.from(bytes).toString('base64url');
}
