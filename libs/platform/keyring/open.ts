import { fileURLToPath } from 'node:url';
import type { KeyRing } from './key-ring';
import { KmsKeyRing } from './kms-key-ring';
import { LocalKeyRing } from './local-key-ring';

/**
 * Opens the ring at an address: `file:///path` or `kms://alias/name?region=eu-central-1&endpoint=https://...`.
 * What the latter needs is loaded for it alone.
 * @throws DomainError `key_ring_unavailable`, `lost_key`
 */
export async function openKeyRing(address: string): Promise<KeyRing> {
  const url = new URL(address);
  if (url.protocol === 'file:') return LocalKeyRing.open(fileURLToPath(url));
  return KmsKeyRing.open({
    alias: `${url.hostname}${url.pathname}`,
    region: url.searchParams.get('region') ?? 'us-east-1',
    endpoint: url.searchParams.get('endpoint') ?? undefined,
  });
}
