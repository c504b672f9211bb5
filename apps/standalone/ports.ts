import { freePort } from '@holdfast/platform/processes';
import { isPortFree } from '@holdfast/platform/processes/ports';
import type { PortName, Ports } from './data-directory';

/** A port that was asked for belongs to somebody else. */
export class PortInUseError extends Error {
  override readonly name = 'PortInUseError';
}

/** Tried first where nobody chose: what people expect. */
const USUAL: Ports = { api: 3000, clickhouse: 8123, temporal: 7233, ui: 8233, audit: 3010 };
const TITLE: Readonly<Record<PortName, string>> = {
  api: 'the API',
  clickhouse: 'ClickHouse',
  temporal: 'Temporal',
  ui: 'the Temporal UI',
  audit: 'the audit log',
};

export interface Choice {
  /** Ports that were asked for: refused when taken. */
  readonly given: Partial<Ports>;
  /** Ports of the last start in this directory. */
  readonly kept: Partial<Ports>;
  /** Whether any free port will do where none is given; else the kept or the usual one comes first. */
  readonly anyFree: boolean;
}

/**
 * The ports of a stack. The API's is one that people have noted: it is never changed behind their back. The others are the stack's own business, and
 * move out of the way.
 * @throws PortInUseError naming the port and what to do
 */
export async function choosePorts(choice: Choice): Promise<Ports> {
  const choose = async (name: PortName): Promise<number> => {
    const { given, kept, anyFree } = choice;
    const wanted = given[name] ?? (anyFree ? undefined : (kept[name] ?? USUAL[name]));
    if (wanted === undefined || wanted === 0) return freePort();
    if (await isPortFree(wanted)) return wanted;
    if (given[name] === undefined && name !== 'api') return freePort();
    throw new PortInUseError(
      `port ${wanted} is in use, which ${TITLE[name]} should get` +
        (name === 'api' ? '; stop what listens there, or choose another with --port N (or PORT=N)' : ''),
    );
  };
  const [api, clickhouse, temporal, ui, audit] = await Promise.all([
    choose('api'),
    choose('clickhouse'),
    choose('temporal'),
    choose('ui'),
    choose('audit'),
  ]);
  return { api, clickhouse, temporal, ui, audit };
}
