import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { DomainError } from '@holdfast/kernel';
import { CONFIGURATION, type Configuration } from '@holdfast/platform/config';

/** A public key as outsiders take it: JSON Web Key of RFC 8037. */
export interface PublicJwk {
  readonly kty: 'OKP';
  readonly crv: 'Ed25519';
  readonly x: string;
  readonly kid: string;
  readonly use: 'sig';
  readonly alg: 'EdDSA';
}

/** PKCS #8 of an Ed25519 key without its seed, RFC 8410, section 7. */
const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex');
const COMPACT = /^([\w-]+)\.([\w-]+)\.([\w-]+)$/;

/** Signs with Ed25519 and the keys of HOLDFAST_STATEMENT_KEYS: RFC 7515 (compact form) with the algorithm of RFC 8037. */
@Injectable()
export class Signing {
  private readonly keys: ReadonlyMap<string, KeyObject>;

  constructor(@Inject(CONFIGURATION) configuration: Configuration) {
    this.keys = new Map(
      [...configuration.HOLDFAST_STATEMENT_KEYS].map(([name, seed]) => [
        name,
        createPrivateKey({ key: Buffer.concat([PKCS8_HEAD, seed]), format: 'der', type: 'pkcs8' }),
      ]),
    );
  }

  /** With the newest key. @throws DomainError `conflict` when none is configured */
  sign(payload: unknown): string {
    const newest = [...this.keys].at(-1);
    if (!newest)
      throw new DomainError('conflict', 'no_statement_key', 'there is no key to sign with: HOLDFAST_STATEMENT_KEYS');
    const [kid, key] = newest;
    const signed = [{ alg: 'EdDSA', kid, typ: 'JOSE' }, payload]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.');
    return `${signed}.${sign(null, Buffer.from(signed), key).toString('base64url')}`;
  }

  /** What was signed, where one of our keys signed it; undefined for anything else. */
  verified(text: string): unknown {
    const [, head = '', payload = '', signature = ''] = COMPACT.exec(text) ?? [];
    const { alg, kid } = jsonOf(head) as { alg?: unknown; kid?: unknown };
    const key = typeof kid === 'string' && alg === 'EdDSA' ? this.keys.get(kid) : undefined;
    if (!key || !verify(null, Buffer.from(`${head}.${payload}`), createPublicKey(key), base64url(signature)))
      return undefined;
    return jsonOf(payload);
  }

  /** Of all keys, older ones too: what was signed with them still verifies. */
  publicKeys(): PublicJwk[] {
    return [...this.keys].map(([kid, key]) => {
      const { x } = createPublicKey(key).export({ format: 'jwk' });
      return { kty: 'OKP', crv: 'Ed25519', x: x!, kid, use: 'sig', alg: 'EdDSA' };
    });
  }
}

const base64url = (text: string): Buffer => Buffer.from(text, 'base64url');

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(base64url(text).toString('utf8')) ?? {};
  } catch {
    return {};
  }
}
