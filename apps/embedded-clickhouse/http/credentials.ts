import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

const USER = 'default';

/** What a request says about its sender: nothing, the right thing, or something else. */
export type Authentication = 'missing' | 'accepted' | 'rejected';

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Makes the check for one password. Digests are compared, so that neither length nor content of a guess shows in the time taken. */
export function authenticator(password: string): (headers: IncomingHttpHeaders) => Authentication {
  const expected = digest(`${USER}:${password}`);
  return (headers) => {
    const given = credentials(headers);
    if (given === undefined) return 'missing';
    return timingSafeEqual(digest(given), expected) ? 'accepted' : 'rejected';
  };
}

/** `user:password` from ClickHouse's own headers or from HTTP Basic. */
function credentials(headers: IncomingHttpHeaders): string | undefined {
  const [user, key] = [headers['x-clickhouse-user'], headers['x-clickhouse-key']];
  if (user !== undefined || key !== undefined) return `${String(user ?? USER)}:${String(key ?? '')}`;
  if (headers.authorization === undefined) return undefined;
  const basic = /^Basic ([A-Za-z0-9+/=]+)$/i.exec(headers.authorization)?.[1];
  return basic === undefined ? '' : Buffer.from(basic, 'base64').toString('utf8');
}
