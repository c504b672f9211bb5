import { join } from 'node:path';
import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { CONFIGURATION, ConfigurationError, type Configuration } from '@holdfast/platform/config';
import { withFileLock } from '@holdfast/platform/processes';
import {
  DirectoryLogStore,
  NoteError,
  readVerifierKey,
  signerKey,
  type VerifierKey,
} from '@holdfast/platform/transparency';
import { AuditStore } from '../audit.store';
import { AuditLogServer } from './audit-log-server';
import { Sequencer } from './sequencer';
import { Witnesses } from './witnesses';

/** Another process works on this log. */
export class AuditLogInUseError extends Error {
  override readonly name = 'AuditLogInUseError';
}

/** How long a predecessor may take to end, in ms. */
const PATIENCE_MS = 10_000;

/** The program that owns the audit log: holds its directory, sequences entries, and answers API and worker. */
@Injectable()
export class AuditLog implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger('AuditLog');
  private sequencer: Sequencer | undefined;
  private server: AuditLogServer | undefined;
  private letGo: () => void = () => undefined;
  private listensOn: number | undefined;
  /** Resolves when somebody else owns the log: this process has to end. */
  readonly superseded: Promise<void>;
  private tellSuperseded: () => void = () => undefined;

  constructor(
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
    private readonly rows: AuditStore,
  ) {
    this.superseded = new Promise((resolve) => (this.tellSuperseded = resolve));
  }

  /** Of the server; undefined until it listens. */
  get port(): number | undefined {
    return this.listensOn;
  }

  /** @throws ConfigurationError, AuditLogInUseError, BrokenLogError, OldLogError */
  async onApplicationBootstrap(): Promise<void> {
    const { HOLDFAST_AUDIT_LOG_DIR: folder, HOLDFAST_AUDIT_LOG_NAME: origin } = this.configuration;
    const { HOLDFAST_AUDIT_LOG_SECRET: secret, HOLDFAST_AUDIT_LOG_KEYS: seeds } = this.configuration;
    if (folder === undefined || secret === '' || seeds.size === 0)
      throw new ConfigurationError(
        'audit-log needs HOLDFAST_AUDIT_LOG_DIR, HOLDFAST_AUDIT_LOG_KEYS and HOLDFAST_AUDIT_LOG_SECRET',
      );
    const witnessKeys = witnessesIn(this.configuration);
    this.letGo = await hold(join(folder, 'lock'));
    const keys = [...seeds.values()].map((seed) => signerKey(origin, seed));
    const store = await DirectoryLogStore.open(folder);
    const onSuperseded = (): void => {
      this.logger.fatal('another process owns the audit log by now: nothing more is written here');
      this.tellSuperseded();
    };
    this.sequencer = new Sequencer({ store, rows: this.rows, origin, keys, onSuperseded });
    await this.sequencer.open();
    this.server = new AuditLogServer({
      sequencer: this.sequencer,
      witnesses: new Witnesses(store, origin, keys, witnessKeys),
      secret,
      about: { origin, keys: keys.map(({ text }) => text), witnesses: witnessKeys.map(({ text }) => text) },
    });
    this.listensOn = await this.server.listen(
      this.configuration.HOLDFAST_AUDIT_LOG_PORT,
      this.configuration.HOLDFAST_HOST,
    );
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.sequencer?.close();
    await this.server?.close();
    this.letGo();
  }
}

function witnessesIn({ HOLDFAST_AUDIT_WITNESSES: texts }: Configuration): VerifierKey[] {
  try {
    return texts.map(readVerifierKey);
  } catch (error) {
    if (!(error instanceof NoteError)) throw error;
    throw new ConfigurationError(`HOLDFAST_AUDIT_WITNESSES: ${error.message}`);
  }
}

/** Takes the lock of a log until the returned function is called. */
function hold(path: string): Promise<() => void> {
  return new Promise((resolve, reject) => {
    const held = (): Promise<void> => new Promise((letGo) => resolve(letGo));
    const onWait = (pid: number | undefined, waitedMs: number): void => {
      if (pid !== undefined && waitedMs >= PATIENCE_MS)
        throw new AuditLogInUseError(`the audit log in HOLDFAST_AUDIT_LOG_DIR is in use by process ${pid}`);
    };
    withFileLock(path, held, { onWait }).catch(reject);
  });
}
