import { call, DeliveryError, type Call } from '@holdfast/platform/delivery';
import { z } from 'zod';

/** A table of an instance, by the Table API. */
export interface ServiceNowTable {
  /** Such as https://example.service-now.com. */
  readonly url: string;
  /** `user:password`. */
  readonly login: string;
  readonly table: string;
  /** For one call, in milliseconds. */
  readonly timeoutMs: number;
}

type Fields = Readonly<Record<string, string>>;
const SysId = z.string().regex(/^[0-9a-f]{32}$/);
const Found = z.object({ result: z.array(z.object({ sys_id: SysId })) });
const Written = z.object({ result: z.object({ sys_id: SysId }) });

/** The record of a correlation id. @param correlationId letters, digits and - only @returns its sys_id @throws DeliveryError */
export async function findRecord(table: ServiceNowTable, correlationId: string): Promise<string | undefined> {
  const query = new URLSearchParams({
    sysparm_query: `correlation_id=${correlationId}`,
    sysparm_fields: 'sys_id',
    sysparm_limit: '1',
  });
  return (await ask(table, Found, { path: `?${query.toString()}`, method: 'GET' })).result[0]?.sys_id;
}

/** Not idempotent. @returns its sys_id @throws DeliveryError */
export async function createRecord(table: ServiceNowTable, fields: Fields): Promise<string> {
  return (await ask(table, Written, { path: '', body: fields })).result.sys_id;
}

/** @throws DeliveryError */
export async function changeRecord(table: ServiceNowTable, sysId: string, fields: Fields): Promise<void> {
  await ask(table, Written, { path: `/${encodeURIComponent(sysId)}`, method: 'PATCH', body: fields });
}

async function ask<T>(
  { url, login, table, timeoutMs }: ServiceNowTable,
  schema: z.ZodType<T>,
  { path, ...rest }: { readonly path: string } & Pick<Call, 'method' | 'body'>,
): Promise<T> {
  const { body, status } = await call({
    url: new URL(`/api/now/table/${encodeURIComponent(table)}${path}`, url).href,
    headers: { authorization: `Basic ${Buffer.from(login).toString('base64')}` },
    timeoutMs,
    ...rest,
  });
  const answer = schema.safeParse(body);
  // An instance that hibernates answers 200 with a page.
  if (!answer.success) throw new DeliveryError('failing', 'ServiceNow answered with something else', { status });
  return answer.data;
}
