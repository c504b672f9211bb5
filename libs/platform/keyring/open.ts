import { fileURLToPath } from 'node:url';
import type { KeyRing } from './key-ring';
import { KmsKeyRing } from './kms-key-ring';
import { LocalKeyRing } from './local-key-ring';
import { Pkcs11KeyRing } from './pkcs11-key-ring';

/**
 * Opens the ring at an address: `file:///path`, `pkcs11:///library.so?token=label&pin-file=/path` or `kms://alias/name?region=eu-central-1&endpoint=https://...`.
 * What the last two need is loaded for them alone.
 * @throws DomainError `key_ring_unavailable`, `lost_key`
 */
export async function openKeyRing(address: string): Promise<KeyRing> {
  const url = new URL(address);
  if (url.protocol === 'file:') return LocalKeyRing.open(fileURLToPath(url));
  if (url.protocol === 'pkcs11:')
    return Pkcs11KeyRing.open({
      library: decodeURIComponent(url.pathname),
      token: url.searchParams.get('token') ?? '',
      pinFile: url.searchParams.get('pin-file') ?? '',
    });
  return KmsKeyRing.open({
    alias: `${url.hostname}${url.pathname}`,
    region: url.searchParams.get('region') ?? 'us-east-1',
    endpoint: url.searchParams.get('endpoint') ?? undefined,
  });
}
