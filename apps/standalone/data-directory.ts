import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { withFileLock } from '@holdfast/platform/processes';

/** Another stack works on this directory. */
export class DirectoryInUseError extends Error {
  override readonly name = 'DirectoryInUseError';
  constructor(path: string, pid: number) {
    super(`${path} is in use by process ${pid}; stop that one, or name another directory with --data DIR`);
  }
}

/** Where a stack keeps everything when nobody says where: the user's data directory (XDG), part `holdfast`. */
export function defaultDataDirectory(env: Readonly<Record<string, string | undefined>> = process.env): string {
  const configured = env['XDG_DATA_HOME'];
  // A relative path is to be ignored, says the XDG base directory specification.
  const base = configured !== undefined && isAbsolute(configured) ? configured : join(homedir(), '.local', 'share');
  return join(base, 'holdfast');
}

/** Where the key of the first administrator is, below a stack's directory. */
export const adminKeyFile = (dataDir: string): string => join(dataDir, 'keys', 'admin.key');

/** Where the engine of a stack listens, as variables of the configuration; undefined where none was started in the directory. */
export function engineOf(dataDir: string): Readonly<Record<string, string>> | undefined {
  const port = keptPorts(dataDir).clickhouse;
  const password = passwordFile(dataDir);
  if (port === undefined || !existsSync(password)) return undefined;
  return {
    CLICKHOUSE_URL: `http://127.0.0.1:${port}`,
    CLICKHOUSE_PASSWORD: readFileSync(password, 'utf8').trim(),
    CLICKHOUSE_PASSWORD_FILE: '',
    CLICKHOUSE_USER: 'default',
    CLICKHOUSE_DATABASE: 'app',
  };
}

const passwordFile = (dataDir: string): string => join(dataDir, 'keys', 'clickhouse.password');

function keptPorts(dataDir: string): Partial<Ports> {
  try {
    const kept = JSON.parse(readFileSync(join(dataDir, 'ports.json'), 'utf8')) as Record<string, unknown>;
    return Object.fromEntries(PORTS.map((name) => [name, kept[name]] as const).filter(isPort));
  } catch {
    return {};
  }
}

const PORTS = ['api', 'clickhouse', 'temporal', 'ui', 'audit'] as const;
export type PortName = (typeof PORTS)[number];
export type Ports = Readonly<Record<PortName, number>>;

/** Everything of one stack on disk, held by this process alone. */
export class DataDirectory {
  private constructor(
    readonly path: string,
    private readonly letGo: () => void,
  ) {}

  /** Makes what is missing and takes the directory. @throws DirectoryInUseError */
  static async open(path: string): Promise<DataDirectory> {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    const keys = join(path, 'keys');
    mkdirSync(keys, { recursive: true, mode: 0o700 });
    chmodSync(keys, 0o700);
    const letGo = await hold(join(path, 'lock'), (pid) => new DirectoryInUseError(path, pid));
    return new DataDirectory(path, letGo);
  }

  get clickhouse(): string {
    return join(this.path, 'clickhouse');
  }

  get temporal(): string {
    return join(this.path, 'temporal');
  }

  get auditLog(): string {
    return join(this.path, 'audit-log');
  }

  get adminKeyFile(): string {
    return adminKeyFile(this.path);
  }

  /** The password of the embedded ClickHouse: made once and kept. */
  clickhousePassword(): string {
    const file = passwordFile(this.path);
    if (!existsSync(file)) replace(file, `${randomBytes(24).toString('base64url')}\n`);
    return readFileSync(file, 'utf8').trim();
  }

  /** The file of the key that tokens of personal data are made with: made once and kept, since other keys make other tokens. */
  tokenKeysFile(): string {
    const file = join(this.path, 'keys', 'token.keys');
    if (!existsSync(file)) replace(file, `first=${randomBytes(32).toString('base64')}\n`);
    return file;
  }

  /** The file of the keys that statements are signed with: made once and kept, or nobody could verify what was signed. */
  statementKeysFile(): string {
    const file = join(this.path, 'keys', 'statement.keys');
    if (!existsSync(file)) replace(file, `first=${randomBytes(32).toString('base64')}\n`);
    return file;
  }

  /** The file of the keys that links in pages are signed with. */
  linkKeysFile(): string {
    const file = join(this.path, 'keys', 'link.keys');
    if (!existsSync(file)) replace(file, `first=${randomBytes(32).toString('base64')}\n`);
    return file;
  }

  /** Where archives are kept, as its address. */
  get archiveStore(): string {
    return pathToFileURL(join(this.path, 'archives')).href;
  }

  /** The file of the keys that wrap those of archives, as its address; made by whoever archives first. */
  get archiveKeyRing(): string {
    return pathToFileURL(join(this.path, 'keys', 'archive.ring')).href;
  }

  /** The file of the key that checkpoints of the audit log are signed with: made once and kept, or nobody could verify what was signed. */
  auditLogKeysFile(): string {
    const file = join(this.path, 'keys', 'audit-log.keys');
    if (!existsSync(file)) replace(file, `first=${randomBytes(32).toString('base64')}\n`);
    return file;
  }

  /** The file of what API and worker show to the audit log. */
  auditLogSecretFile(): string {
    const file = join(this.path, 'keys', 'audit-log.secret');
    if (!existsSync(file)) replace(file, `${randomBytes(32).toString('base64url')}\n`);
    return file;
  }

  /** The file of the key that probes show. */
  probeKeyFile(): string {
    const file = join(this.path, 'keys', 'probe.key');
    if (!existsSync(file))
      replace(file, `hf_${randomBytes(10).toString('hex')}_${randomBytes(32).toString('base64url')}\n`);
    return file;
  }

  /** The file of the key that names of events are made with: made once and kept, or everything would be new. */
  identityKeyFile(): string {
    const file = join(this.path, 'keys', 'identity.key');
    if (!existsSync(file)) replace(file, `${randomBytes(32).toString('base64')}\n`);
    return file;
  }

  /** The ports of the last start; none where there was none. */
  ports(): Partial<Ports> {
    return keptPorts(this.path);
  }

  keepPorts(ports: Ports): void {
    replace(join(this.path, 'ports.json'), `${JSON.stringify(ports)}\n`);
  }

  /** Lets the next stack in. */
  close(): void {
    this.letGo();
  }
}

const isPort = ([, value]: readonly [PortName, unknown]): boolean =>
  Number.isInteger(value) && (value as number) > 0 && (value as number) < 65_536;

function replace(file: string, text: string): void {
  writeFileSync(`${file}.new`, text, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

/** Takes a file's lock until the returned function is called; refuses, instead of waiting, while somebody else has it. */
function hold(path: string, refusal: (holderPid: number) => Error): Promise<() => void> {
  return new Promise((resolve, reject) => {
    const held = (): Promise<void> => new Promise((letGo) => resolve(letGo));
    const onWait = (pid: number | undefined): void => {
      if (pid !== undefined) throw refusal(pid);
    };
    withFileLock(path, held, { onWait }).catch(reject);
  });
}
