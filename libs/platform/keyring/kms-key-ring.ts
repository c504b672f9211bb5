import type * as sdk from '@aws-sdk/client-kms';
import { destroyedKey, type KeyRing, lostKey, ringUnavailable, type WrappedKey, wrongKey } from './key-ring';

/** Credentials come from where the vendor's tools have them: environment, profile, role of the machine. */
export interface KmsAddress {
  /** The alias that names the key that wraps, such as `alias/holdfast-archives`. */
  readonly alias: string;
  readonly region: string;
  /** Of another place than Amazon's; undefined for that. */
  readonly endpoint?: string | undefined;
}

/** Amazon keeps a key that is to be destroyed for that long at least; nothing is unwrapped with it from the first moment on. */
const DAYS_UNTIL_GONE = 7;

/** Keys of the AWS Key Management Service. An alias names the one that wraps; rotation makes another key and moves the alias. */
export class KmsKeyRing implements KeyRing {
  readonly kind = 'kms';

  private constructor(
    private readonly kms: typeof sdk,
    private readonly client: sdk.KMSClient,
    private readonly alias: string,
  ) {}

  /** Loads the client. @throws DomainError `lost_key` when the alias names no key, `key_ring_unavailable` */
  static async open({ alias, region, endpoint }: KmsAddress): Promise<KmsKeyRing> {
    const kms = await import('@aws-sdk/client-kms');
    const client = new kms.KMSClient({
      region,
      ...(endpoint !== undefined && { endpoint }),
      requestHandler: { requestTimeout: 10_000, connectionTimeout: 5_000 },
    });
    const ring = new KmsKeyRing(kms, client, alias);
    await ring.newest();
    return ring;
  }

  async newest(): Promise<string> {
    const { KeyMetadata } = await this.ask(new this.kms.DescribeKeyCommand({ KeyId: this.alias }));
    return KeyMetadata!.Arn!;
  }

  async wrap(dataKey: Buffer, context: string): Promise<WrappedKey> {
    const wrappedBy = await this.newest();
    const EncryptionContext = { context };
    const { CiphertextBlob } = await this.ask(
      new this.kms.EncryptCommand({ KeyId: wrappedBy, Plaintext: dataKey, EncryptionContext }),
    );
    return { wrappedBy, wrapped: Buffer.from(CiphertextBlob!).toString('base64') };
  }

  async unwrap({ wrappedBy, wrapped }: WrappedKey, context: string): Promise<Buffer> {
    // Asked first: a key that waits for its end and one that was never there fail alike in the next call, for who may not see either.
    const { KeyMetadata } = await this.ask(new this.kms.DescribeKeyCommand({ KeyId: wrappedBy }));
    if (KeyMetadata?.KeyState?.endsWith('Deletion')) throw destroyedKey();
    const CiphertextBlob = Buffer.from(wrapped, 'base64');
    const { Plaintext } = await this.ask(
      new this.kms.DecryptCommand({ KeyId: wrappedBy, CiphertextBlob, EncryptionContext: { context } }),
    );
    return Buffer.from(Plaintext!);
  }

  async rotate(): Promise<string> {
    const { KeyMetadata } = await this.ask(new this.kms.CreateKeyCommand({ Description: 'Holdfast archives' }));
    await this.ask(new this.kms.UpdateAliasCommand({ AliasName: this.alias, TargetKeyId: KeyMetadata!.KeyId! }));
    return KeyMetadata!.Arn!;
  }

  async destroy(id: string): Promise<void> {
    try {
      await this.ask(
        new this.kms.ScheduleKeyDeletionCommand({ KeyId: id.split('/').at(-1), PendingWindowInDays: DAYS_UNTIL_GONE }),
      );
    } catch (error) {
      if ((error as { code?: string }).code !== 'destroyed_key') throw error;
    }
  }

  close(): void {
    this.client.destroy();
  }

  private async ask<I extends sdk.ServiceInputTypes, O extends sdk.ServiceOutputTypes>(
    command: Parameters<typeof this.client.send<I, O>>[0],
  ): Promise<O> {
    try {
      return await this.client.send<I, O>(command);
    } catch (error) {
      throw understood(error);
    }
  }
}

function understood(error: unknown): unknown {
  switch ((error as Error).name) {
    case 'NotFoundException':
      return lostKey();
    case 'InvalidCiphertextException':
    case 'IncorrectKeyException':
      return wrongKey();
    case 'KMSInvalidStateException':
      return destroyedKey();
    default:
      return ringUnavailable(error);
  }
}
