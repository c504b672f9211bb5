import { fileURLToPath } from 'node:url';
import { DirectoryStore } from './directory-store';
import type { ObjectStore } from './object-store';
import { S3Store } from './s3-store';

/**
 * Opens the store at an address: `file:///path`, or `s3://bucket/prefix?region=eu-central-1&endpoint=https://...`.
 * @throws DomainError `unavailable` when it cannot be reached
 */
export async function openStore(address: string): Promise<ObjectStore> {
  const url = new URL(address);
  if (url.protocol === 'file:') return new DirectoryStore(fileURLToPath(url));
  const path = url.pathname.replace(/^\/+|\/+$/g, '');
  return S3Store.open({
    bucket: url.hostname,
    prefix: path === '' ? '' : `${path}/`,
    region: url.searchParams.get('region') ?? 'us-east-1',
    endpoint: url.searchParams.get('endpoint') ?? undefined,
  });
}
