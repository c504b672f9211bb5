import { randomBytes } from 'node:crypto';
import { startVendorServer, type VendorAnswer, type VendorRequest, type VendorServer } from './vendor-server';

export type EmulatedRecord = Readonly<Record<string, string>>;

/** ServiceNow: the Table API of one table. */
export interface ServiceNowEmulator extends VendorServer {
  records(): readonly EmulatedRecord[];
}

const problem = (status: number, message: string): VendorAnswer => ({
  status,
  body: { error: { message, detail: '' }, status: 'failure' },
});

/** Starts ServiceNow on loopback. @param logins `user:password` that it takes */
export async function startServiceNow(logins: readonly string[], table = 'incident'): Promise<ServiceNowEmulator> {
  const records = new Map<string, EmulatedRecord>();
  const authorised = logins.map((login) => `Basic ${Buffer.from(login).toString('base64')}`);

  function serve({ method, path, query, headers, json }: VendorRequest): VendorAnswer {
    if (!authorised.includes(headers['authorization'] ?? '')) return problem(401, 'User Not Authenticated');
    const [, name, sysId] = /^\/api\/now\/table\/(\w+)(?:\/(\w+))?$/.exec(path) ?? [];
    if (name !== table) return problem(400, `Invalid table ${name}`);
    if (method === 'GET' && sysId === undefined) {
      const conditions = (query.get('sysparm_query') ?? '').split('^').map((one) => one.split('=', 2));
      const found = [...records.values()].filter((record) =>
        conditions.every(([field, value]) => record[field ?? ''] === value),
      );
      const fields = query.get('sysparm_fields')?.split(',');
      const limited = found.slice(0, Number(query.get('sysparm_limit') ?? 10_000));
      const shown = limited.map((record) =>
        fields ? Object.fromEntries(fields.map((field) => [field, record[field] ?? ''])) : record,
      );
      return { status: 200, body: { result: shown } };
    }
    if (method === 'POST' && sysId === undefined) {
      const id = randomBytes(16).toString('hex');
      const number = `INC${String(10_001 + records.size).padStart(7, '0')}`;
      const record = { state: '1', ...(json as EmulatedRecord), sys_id: id, number };
      records.set(id, record);
      return { status: 201, body: { result: record } };
    }
    const found = records.get(sysId ?? '');
    if (method !== 'PATCH' || !found) return problem(404, 'No Record found');
    const changed = { ...found, ...(json as EmulatedRecord) };
    records.set(found['sys_id']!, changed);
    return { status: 200, body: { result: changed } };
  }

  return { ...(await startVendorServer(serve)), records: () => [...records.values()] };
}
