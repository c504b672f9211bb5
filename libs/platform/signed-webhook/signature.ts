import { createHmac, timingSafeEqual } from 'node:crypto';

const FORM = /^t=(\d{1,12})((?:,v1=[0-9a-f]{64}){1,8})$/;

/**
 * `t=<seconds since 1970>,v1=<hex HMAC-SHA256 of "t.body">`, with one `v1` for each secret: who receives it knows one of them while they are exchanged.
 * @param t seconds since 1970
 */
export function signatureOf(body: string, secrets: readonly string[], t: number): string {
  const signatures = secrets.map((secret) => `v1=${createHmac('sha256', secret).update(`${t}.${body}`).digest('hex')}`);
  return [`t=${t}`, ...signatures].join(',');
}

/**
 * Whether one of the secrets signed these bytes not longer ago than the tolerance. For receivers; takes as long whichever secret it was.
 * @param now seconds since 1970
 */
export function verifySignature(
  body: string,
  header: string | undefined,
  secrets: readonly string[],
  now: number,
  toleranceSeconds = 300,
): boolean {
  const [, time, rest] = FORM.exec(header ?? '') ?? [];
  if (time === undefined || rest === undefined || Math.abs(now - Number(time)) > toleranceSeconds) return false;
  const claimed = rest
    .slice(1)
    .split(',')
    .map((one) => Buffer.from(one.slice('v1='.length), 'hex'));
  let isGenuine = false;
  for (const secret of secrets) {
    if (secret === '') continue; // anybody can sign with it
    const expected = createHmac('sha256', secret).update(`${time}.${body}`).digest();
    for (const one of claimed) isGenuine = timingSafeEqual(expected, one) || isGenuine;
  }
  return isGenuine;
}
