import { createHmac, timingSafeEqual } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { DomainError, type Micros } from '@holdfast/kernel';
import { CONFIGURATION, type Configuration } from '@holdfast/platform/config';

/** How long a link works after it was sent. */
const VALID_FOR: Micros = 48 * 3_600_000_000;

/** Links by which a responder acknowledges with a phone, without a key of the API: whoever has one can acknowledge that alert, and nothing else. */
@Injectable()
export class AcknowledgeLinkService {
  private readonly keys: readonly Buffer[];
  private readonly publicUrl: string | undefined;

  constructor(@Inject(CONFIGURATION) configuration: Configuration) {
    this.keys = [...configuration.HOLDFAST_LINK_KEYS.values()].reverse();
    this.publicUrl = configuration.HOLDFAST_PUBLIC_URL;
  }

  /** @param person '' where the page is for nobody in particular; undefined where links are not configured */
  linkFor(alertId: string, person: string, at: Micros): string | undefined {
    const [key] = this.keys;
    if (!key || this.publicUrl === undefined) return undefined;
    const expires = Math.floor((at + VALID_FOR) / 1_000_000);
    const token = `${expires.toString(36)}.${person}.${signatureOf(key, alertId, person, expires)}`;
    const url = new URL(this.publicUrl);
    url.pathname = `${url.pathname.replace(/\/+$/, '')}/v1/acknowledge/${alertId}/${token}`;
    return url.href;
  }

  /**
   * @returns whom the link was sent to
   * @throws DomainError `forbidden` when no key of ours signed it, or its time is over
   */
  verify(alertId: string, token: string, at: Micros): string {
    const [expiry = '', person = '', signature = ''] = token.split('.', 4);
    const expires = parseInt(expiry, 36);
    const given = Buffer.from(signature);
    const isOurs = this.keys.some((key) => {
      const expected = Buffer.from(signatureOf(key, alertId, person, expires));
      return expected.length === given.length && timingSafeEqual(expected, given);
    });
    if (!isOurs) throw new DomainError('forbidden', 'link_invalid', 'no key of this installation signed the link');
    if (at > expires * 1_000_000) throw new DomainError('forbidden', 'link_expired', 'the link is older than two days');
    return person;
  }
}

const signatureOf = (key: Buffer, alertId: string, person: string, expires: number): string =>
  createHmac('sha256', key).update(`acknowledge\n${alertId}\n${person}\n${expires}`).digest('base64url');
