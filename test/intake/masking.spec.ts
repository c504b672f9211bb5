import { randomBytes } from 'node:crypto';
import { BUILT_IN_POLICY } from '@holdfast/domains/privacy/core/built-in-policy';
import { z } from 'zod';
import { countsOf, event, intakeSuite, IntakeStack, NONE, ORDERS, until } from './stack';

const KEYS = {
  HOLDFAST_IDENTITY_KEY: randomBytes(32),
  HOLDFAST_TOKEN_KEYS: new Map([['first', randomBytes(32)]]),
};
const [EMAIL, IBAN] = ['jane.doe@example.com', 'DE89370400440532013000'];

describe('intake with a privacy policy', () => {
  const suite = intakeSuite();
  let fresh = 0;
  const key = (): string => `M-${++fresh}`;
  const only = async (of: string) => {
    const entries = await suite.stack.timeline('orders', of);
    expect(entries).toHaveLength(1);
    return entries[0] as any;
  };
  /** Everything that the store holds of records, quarantine apart. */
  const stored = async (): Promise<string> => {
    const sql = "SELECT * FROM tracking_records WHERE class != 'quarantine' FORMAT JSONEachRow";
    const answer = await fetch(`${suite.engine.url}/?database=app`, {
      method: 'POST',
      headers: { 'x-clickhouse-user': 'default', 'x-clickhouse-key': suite.engine.password },
      body: sql,
    });
    return answer.text();
  };

  beforeAll(async () => {
    // Another key than the store was begun with: a store of its own is needed.
    await suite.stack.clickhouse.command('TRUNCATE TABLE tracking_identity_keys');
    suite.stack = await suite.stack.restart(suite.engine, KEYS);
    await suite.stack.putProcess('orders', { ...ORDERS, fields: [{ name: 'amount' }, { name: 'customer.email' }] }, 2);
    await suite.stack.putDocument('privacy-policy', 'default', {
      ...BUILT_IN_POLICY,
      identifiers: { correlationId: 'email' },
    });
    await until('the policy is followed', async () => {
      const of = key();
      await suite.stack.post([event({ id: of, key: of, data: { email: EMAIL } })]);
      return (await only(of)).data.email !== EMAIL;
    });
  });

  it('stores tokens that join, masks, categories and sensitivity, and nothing that was sent in clear', async () => {
    const of = key();
    const data = { amount: 12345678901234567, customer: { email: EMAIL, firstName: 'Jane' }, note: `pay to ${IBAN}` };
    const shop = event({ id: of, key: of, correlationId: EMAIL, data });
    const erp = event({
      ...{ id: `${of}-erp`, source: 'erp', stage: 'erp', key: of },
      data: { ...data, customer: { email: 'Jane.Doe@Example.com' }, note: '' },
    });
    expect(countsOf((await suite.stack.post([shop, erp])).body)).toEqual({ ...NONE, received: 2, stored: 2 });
    const entries = (await suite.stack.timeline('orders', of)) as any[];
    const [first, second] = ['shop', 'erp'].map((stage) => entries.find((entry) => entry.stage === stage));
    expect(first.data.customer.email).toMatch(/^tok_email_[a-z2-7]+$/);
    expect(second.data.customer.email).toBe(first.data.customer.email);
    expect(first).toMatchObject({ correlationId: first.data.customer.email, sensitivity: 'pseudonymous' });
    expect(first.categories).toContain('gdpr_personal');
    const all = await stored();
    expect(all).toContain(of);
    for (const secret of [EMAIL, 'jane.doe', 'Jane', IBAN])
      expect([secret, all.includes(secret)]).toEqual([secret, false]);
    // A resend is the same, reformatted or not; another address is another payload.
    expect((await suite.stack.post([shop])).body).toMatchObject({ duplicate: 1 });
    const { customer, ...rest } = data;
    expect((await suite.stack.post([{ ...shop, data: { customer, ...rest } }])).body).toMatchObject({ duplicate: 1 });
    const other = { ...shop, data: { ...data, customer: { ...customer, email: 'john@example.com' } } };
    expect((await suite.stack.post([other])).body).toMatchObject({ conflict: 1 });
  });

  it('checks contracts on what was sent, and takes their word for the classes of fields', async () => {
    await suite.stack.putDocument('contract', 'customer.moved', {
      ...{
        owner: 'crm',
        enforcement: 'quarantine',
        compatibility: 'none',
        mandatoryTags: [],
        nulls: 'as_schema',
        upcast: [],
      },
      schema: { type: 'object', properties: { contact: { type: 'string', format: 'email' } }, required: ['contact'] },
      fields: { nick: { class: 'email' } },
    });
    const of = key();
    const moved = event({ id: of, key: of, type: 'customer.moved', data: { contact: EMAIL, nick: 'jdoe@x' } });
    await until('the contract holds', async () => {
      const probe = key();
      const { body } = await suite.stack.post([{ ...moved, id: probe, key: probe, data: {} }]);
      return body['quarantined'] === 1;
    });
    expect((await suite.stack.post([moved])).body).toMatchObject({ stored: 1 });
    expect((await only(of)).data.nick).toMatch(/^tok_email_/);
  });

  it('shows of a quarantined record its form, and nothing that may be personal', async () => {
    const source = key();
    await suite.stack.putDocument('source', source, { owner: 'shop', invalidRecords: 'quarantine' });
    const lost = { ...event({ id: source, source, data: { email: EMAIL, iban: IBAN } }), process: 'nowhere' };
    await until('the source is known', async () => {
      const { body } = await suite.stack.post([{ ...lost, id: key() }]);
      return body['quarantined'] === 1;
    });
    const { body } = await suite.stack.get(`/v1/quarantine?source=${source}`);
    const [{ item }] = body['items'] as { item: string }[] as [{ item: string }];
    const shown = await suite.stack.get(`/v1/quarantine/${item}`);
    expect(shown.body).toMatchObject({ code: 'unknown_process', preview: { data: { email: expect.anything() } } });
    for (const secret of [EMAIL, IBAN]) expect(JSON.stringify([body, shown.body])).not.toContain(secret);
  });

  it('tells nothing of a record in the reasons for which it is refused', async () => {
    const of = key();
    const records = [
      event({ id: of, occurredAt: EMAIL }),
      event({ id: of, status: EMAIL }),
      event({ id: of, [EMAIL]: 1 }),
      `{"id":"${EMAIL}"`,
    ];
    const { body } = await suite.stack.postLines(records);
    expect(body).toMatchObject({ code: 'all_rejected', rejected: 4 });
    expect(JSON.stringify(body)).not.toContain(EMAIL);
  });
});

describe('names of records', () => {
  const suite = intakeSuite();

  it('are known for ever: a record whose partition was dropped is a duplicate, also after a restart', async () => {
    const records = ['1', '2', '3'].map((id) => event({ id, source: 'old', key: `P${id}` }));
    expect((await suite.stack.post(records)).body).toMatchObject({ stored: 3 });
    const partitions = {
      name: 'partitions',
      sql: "SELECT DISTINCT _partition_id AS partition FROM tracking_records WHERE source = 'old'",
      params: z.object({}),
      row: z.object({ partition: z.string() }),
      limits: { seconds: 10, memory: 1e9 },
    };
    await suite.stack.keepIdentities();
    for (const { partition } of await suite.stack.clickhouse.rows(partitions, {})) {
      await suite.stack.clickhouse.command(`ALTER TABLE tracking_records DROP PARTITION ID '${partition}'`);
    }
    expect(await suite.stack.timeline('orders', 'P1')).toEqual([]);
    expect((await suite.stack.post(records)).body).toMatchObject({ stored: 0, duplicate: 3 });
    suite.stack = await suite.stack.restart(suite.engine);
    const again = [
      records[0],
      event({ id: '2', source: 'old', key: 'P2', data: { amount: 9 } }),
      event({ id: '4', source: 'old' }),
    ];
    expect((await suite.stack.post(again)).body).toMatchObject({ duplicate: 1, conflict: 1, stored: 1 });
    // A further attempt of what is gone is stored.
    expect((await suite.stack.post([event({ id: '3', source: 'old', key: 'P3', attempt: 2 })])).body).toMatchObject({
      stored: 1,
    });
  });

  it('are made with the key that the store was begun with, or with none: another one is refused', async () => {
    const other = { HOLDFAST_IDENTITY_KEY: randomBytes(32) };
    await expect(IntakeStack.start(suite.engine, other)).rejects.toThrow(/HOLDFAST_IDENTITY_KEY is not the key/);
  });
});
