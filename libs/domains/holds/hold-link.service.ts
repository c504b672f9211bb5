import { createHmac, timingSafeEqual } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { DomainError, type Micros } from '@holdfast/kernel';
import { CONFIGURATION, type Configuration } from '@holdfast/platform/config';

/** How long a link works after it was sent: reminders have new ones. */
const VALID_FOR: Micros = 30 * 86_400_000_000;

/** Links by which a custodian says that they know of a hold, without a key of the API: whoever has one can say so for that custodian, and nothing else. */
@Injectable()
export class HoldLinkService {
  private readonly keys: readonly Buffer[];
  private readonly publicUrl: string | undefined;

  constructor(@Inject(CONFIGURATION) configuration: Configuration) {
    this.keys = [...configuration.HOLDFAST_LINK_KEYS.values()].reverse();
    this.publicUrl = configuration.HOLDFAST_PUBLIC_URL;
  }

  /** Undefined where links are not configured. */
  linkFor(hold: string, custodian: string, at: Micros): string | undefined {
    const [key] = this.keys;
    if (!key || this.publicUrl === undefined) return undefined;
    const expires = Math.floor((at + VALID_FOR) / 1_000_000);
    const token = `${expires.toString(36)}.${custodian}.${signatureOf(key, hold, custodian, expires)}`;
    const url = new URL(this.publicUrl);
    url.pathname = `${url.pathname.replace(/\/+$/, '')}/v1/hold-acknowledgements/${hold}/${token}`;
    return url.href;
  }

  /**
   * @returns the custodian whom the link was sent to
   * @throws DomainError `forbidden` when no key of ours signed it, or its time is over
   */
  verify(hold: string, token: string, at: Micros): string {
    const [expiry = '', custodian = '', signature = ''] = token.split('.', 4);
    const expires = parseInt(expiry, 36);
    const given = Buffer.from(signature);
    const isOurs = this.keys.some((key) => {
      const expected = Buffer.from(signatureOf(key, hold, custodian, expires));
      return expected.length === given.length && timingSafeEqual(expected, given);
    });
    if (!isOurs) throw new DomainError('forbidden', 'link_invalid', 'no key of this installation signed the link');
    if (at > expires * 1_000_000)
      throw new DomainError('forbidden', 'hold_link_expired', 'the link is too old; the next reminder has a new one');
    return custodian;
  }
}

const signatureOf = (key: Buffer, hold: string, custodian: string, expires: number): string =>
  createHmac('sha256', key).update(`hold-acknowledgement\n${hold}\n${custodian}\n${expires}`).digest('base64url');
