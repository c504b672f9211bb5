const ID_BYTES = 16;
/** Random bytes of many identifiers: asked for one by one, they cost more than a request's other steps. */
const random = new Uint8Array(256 * ID_BYTES);
let used = random.length;

/** A random, URL-safe identifier of 128 bits: 22 characters of base64url. Not for use inside a workflow. */
export function newId(): string {
  if (used === random.length) {
    globalThis.crypto.getRandomValues(random);
    used = 0;
  }
  const id = Buffer.from(random.buffer, used, ID_BYTES).toString('base64url');
  used += ID_BYTES;
  return id;
}
