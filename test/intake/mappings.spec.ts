import { gzipSync } from 'node:zlib';
import { RegisterStore } from '@holdfast/domains/register/register.store';
import { MappingSchema } from '@holdfast/domains/mapping/mapping.schemas';
import type { z } from 'zod';
import { countsOf, event, intakeSuite, NONE } from './stack';

type MappingInput = z.input<typeof MappingSchema>;

jest.setTimeout(120_000);

const ISA =
  'ISA*00*          *00*          *ZZ*A              *ZZ*B              *261120*0930*U*00401*000000001*0*P*>~';
const x12 = (...sets: string[]): string =>
  `${ISA}GS*PO*A*B*20261120*0930*1*X*004010~${sets.join('')}GE*${sets.length}*1~IEA*1*000000001~`;
const edifact = (...messages: string[]): string =>
  `UNB+UNOC:3+A+B+261120:0930+R'${messages.join('')}UNZ+${messages.length}+R'`;

/** Each format: its mapping, and how two orders are written in it. */
const FORMATS: Record<
  string,
  {
    type: string;
    format: MappingInput['format'];
    paths: [id: string, amount: string];
    body: (ids: readonly string[]) => string;
  }
> = {
  csv: {
    type: 'text/csv; charset=utf-8',
    format: { kind: 'csv', delimiter: ';' },
    paths: ['id', 'amount'],
    body: (ids) => ['id;amount', ...ids.map((id) => `${id};"1,50"`)].join('\r\n'),
  },
  xml: {
    type: 'application/xml',
    format: { kind: 'xml', record: 'L/O' },
    paths: ['@id', 'A'],
    body: (ids) => `<L>${ids.map((id) => `<O id="${id}"><A>1,50</A></O>`).join('')}</L>`,
  },
  x12: {
    type: 'application/EDI-X12',
    format: { kind: 'x12' },
    paths: ['BEG.3', 'AMT.2'],
    body: (ids) => x12(...ids.map((id, at) => `ST*850*${at}~BEG*00*SA*${id}~AMT*TT*1,50~SE*4*${at}~`)),
  },
  edifact: {
    type: 'application/EDIFACT',
    format: { kind: 'edifact' },
    paths: ['BGM.2', 'MOA.1.2'],
    body: (ids) => edifact(...ids.map((id, at) => `UNH+${at}+ORDERS:D:96A:UN'BGM+220+${id}'MOA+9:1,50'UNT+4+${at}'`)),
  },
  debezium: {
    type: 'application/json',
    format: { kind: 'debezium' },
    paths: ['row.id', 'row.amount'],
    body: (ids) =>
      JSON.stringify(
        ids.map((id) => ({
          op: 'r',
          after: { id, amount: '1,50' },
          source: { connector: 'mysql', ts_ms: 1_790_000_000_000 },
        })),
      ),
  },
};
const mappingOf = (kind: string): MappingInput => {
  const { format, paths } = FORMATS[kind]!;
  return {
    format,
    event: {
      id: { path: paths[0] },
      source: { value: kind },
      process: { value: 'orders' },
      stage: { value: 'shop' },
      key: { path: paths[0] },
      type: { value: 'order.placed' },
      occurredAt: { value: '2026-11-20T09:00:00Z' },
      originAt: { value: '2026-11-20T09:00:00Z' },
    },
    data: { amount: { path: paths[1], as: ['decimal_comma', 'number'] } },
  };
};

describe('bodies by mapping', () => {
  const suite = intakeSuite();
  /** Writes a mapping as its workflow would. */
  const put = async (id: string, mapping: MappingInput): Promise<void> => {
    const body = JSON.stringify(MappingSchema.parse(mapping));
    const store = new RegisterStore(suite.stack.clickhouse);
    await store.append('mapping', id, 1, `${id}-1`, { body, by: 'admin', at: Date.now() * 1000 });
  };
  const send = (id: string, type: string, body: string | Buffer, headers: Record<string, string> = {}) =>
    suite.stack.send('POST', `/v1/events?mapping=${id}`, body, { 'content-type': type, ...headers });
  const preview = (request: unknown) =>
    suite.stack.send('POST', '/v1/mappings/preview', JSON.stringify(request), { 'content-type': 'application/json' });

  it.each(Object.keys(FORMATS))(
    '%s: the same rows as the events themselves, and duplicates the second time',
    async (kind) => {
      const { type, body } = FORMATS[kind]!;
      const ids = [1, 2, 3].map((one) => `${kind}-${one}`);
      const mapping = mappingOf(kind);
      await put(
        kind,
        kind === 'debezium' ? { ...mapping, event: { ...mapping.event, type: { value: 'order.placed' } } } : mapping,
      );
      const first = await send(kind, type, body(ids.slice(0, 2)));
      expect(first).toMatchObject({ status: 200, body: { received: 2, stored: 2 } });
      const again = await send(kind, type, gzipSync(body(ids)), { 'content-encoding': 'gzip' });
      expect(again).toMatchObject({ status: 200, body: { received: 3, stored: 1, duplicate: 2 } });
      const changes = kind === 'debezium' ? { changes: [] } : {};
      const own = ids.map((id) => event({ id, key: id, source: kind, data: { amount: 1.5, ...changes } }));
      expect((await suite.stack.postLines(own)).body).toMatchObject({ duplicate: 3 });
      const [entry] = await suite.stack.timeline('orders', ids[0]!);
      expect(entry).toMatchObject({
        id: ids[0],
        source: kind,
        occurredAt: '2026-11-20T09:00:00Z',
        data: { amount: 1.5 },
      });
      expect(countsOf(await suite.stack.account(kind))).toEqual({ ...NONE, received: 8, stored: 3, duplicate: 5 });
    },
  );

  it('rejected records are counted for their source, by their number in the body; the good ones are stored', async () => {
    await put('bad-csv', { ...mappingOf('csv'), event: { ...mappingOf('csv').event, source: { value: 'bad-csv' } } });
    const { status, body } = await send('bad-csv', 'text/csv', 'id;amount\nb1;1\nb2\nb3;x\nb4;4\n');
    expect(status).toBe(200);
    expect(body).toMatchObject({ received: 4, stored: 2, rejected: 2 });
    expect(body['problems']).toMatchObject([
      { line: 2, code: 'ragged_row' },
      { line: 3, code: 'conversion_failed', field: 'data.amount' },
    ]);
    expect(countsOf(await suite.stack.account('bad-csv'))).toEqual({ ...NONE, received: 4, stored: 2, rejected: 2 });
  });

  it('a transaction set of wrong counts is rejected among others', async () => {
    await put('counts', mappingOf('x12'));
    const { body } = await send(
      'counts',
      'application/edi-x12',
      FORMATS['x12']!.body(['w1', 'w2', 'w3']).replace('SE*4*1', 'SE*5*1'),
    );
    expect(body).toMatchObject({
      received: 3,
      stored: 2,
      rejected: 1,
      problems: [{ line: 2, code: 'wrong_segment_count', field: 'SE.1' }],
    });
  });

  it('a body that cannot be read further says why, and what came before stays', async () => {
    await put('broken', mappingOf('xml'));
    const entities = await send('broken', 'text/xml', '<!DOCTYPE L [<!ENTITY e "x">]><L><O id="&e;"/></L>');
    expect(entities).toMatchObject({ status: 400, body: { code: 'xml_entity_refused', received: 0, line: 1 } });
    const damaged = await send('broken', 'application/xml', FORMATS['xml']!.body(['d1', 'd2']).replace('</L>', '<'));
    expect(damaged).toMatchObject({ status: 400, body: { code: 'xml_not_well_formed', stored: 2, line: 3 } });
    expect(await suite.stack.timeline('orders', 'd1')).toHaveLength(1);
  });

  it('a mapping that is not there, and a content type that its format has not', async () => {
    expect(await send('nowhere', 'text/csv', 'x')).toMatchObject({ status: 404, body: { code: 'mapping_not_found' } });
    await put('typed', mappingOf('csv'));
    expect(await send('typed', 'application/json', '{}')).toMatchObject({
      status: 415,
      body: { accepts: ['text/csv'] },
    });
  });

  describe('Debezium', () => {
    const source = {
      connector: 'postgresql',
      name: 's',
      db: 'd',
      schema: 'public',
      table: 'orders',
      snapshot: false,
      lsn: 7,
      txId: 3,
      ts_ms: 1_790_000_000_000,
    };
    const place = {
      source: { value: 'cdc' },
      process: { value: 'orders' },
      stage: { value: 'shop' },
      key: { path: 'row.id' },
    } as const;
    const lines = (...messages: unknown[]): string => messages.map((one) => JSON.stringify(one)).join('\n');

    it('a snapshot that is taken again, at another time, is a duplicate; so is a change that is sent again', async () => {
      await put('cdc', { format: { kind: 'debezium' }, event: place });
      const snapshot = (ts_ms: number) => ({
        op: 'r',
        before: null,
        after: { id: 'cdc-1', amount: 1 },
        source: { ...source, snapshot: 'true', lsn: ts_ms, ts_ms },
        ts_ms,
      });
      const update = (ts_ms: number) => ({
        op: 'u',
        before: { id: 'cdc-1', amount: 1 },
        after: { id: 'cdc-1', amount: 2 },
        source,
        ts_ms,
      });
      const first = await send('cdc', 'application/x-ndjson', lines(snapshot(1_790_000_000_000), update(1), null));
      expect(first.body).toMatchObject({ received: 2, stored: 2, skipped: 1 });
      const again = await send('cdc', 'application/x-ndjson', lines(null, snapshot(1_790_000_999_000), update(2)));
      expect(again.body).toMatchObject({ received: 2, stored: 0, duplicate: 2, skipped: 1 });
      // Also within one body.
      const both = await send(
        'cdc',
        'application/json',
        JSON.stringify([snapshot(1_790_001_000_000), snapshot(1_790_002_000_000)]),
      );
      expect(both.body).toMatchObject({ received: 2, duplicate: 2 });
      const changed = { ...snapshot(1_790_003_000_000), after: { id: 'cdc-1', amount: 3 } };
      expect((await send('cdc', 'application/x-ndjson', lines(changed))).body).toMatchObject({ stored: 1 });
      const entries = await suite.stack.timeline('orders', 'cdc-1');
      expect(entries.map(({ type }) => type).sort()).toEqual(['orders.snapshot', 'orders.snapshot', 'orders.updated']);
      expect(entries.find(({ type }) => type === 'orders.updated')).toMatchObject({
        data: { id: 'cdc-1', amount: 2, changes: [{ path: 'amount', before: 1, after: 2 }] },
      });
      expect(countsOf(await suite.stack.account('cdc'))).toEqual({ ...NONE, received: 7, stored: 3, duplicate: 4 });
    });

    it('tombstones alone are a body all right; what names no row is rejected at its line', async () => {
      await put('tombs', { format: { kind: 'debezium' }, event: place });
      expect(await send('tombs', 'application/x-ndjson', lines(null, { key: { id: 1 }, value: null }))).toMatchObject({
        status: 200,
        body: { received: 0, skipped: 2 },
      });
      const { status, body } = await send('tombs', 'application/x-ndjson', lines(null, { op: 't', source, ts_ms: 1 }));
      expect(status).toBe(400);
      expect(body).toMatchObject({ rejected: 1, problems: [{ line: 2, code: 'no_row_change' }] });
    });

    it('while it is acknowledged line by line, tombstones have their lines', async () => {
      await put('acked', { format: { kind: 'debezium' }, event: place });
      const change = {
        op: 'c',
        before: null,
        after: { id: 'acked', amount: 1 },
        source: { ...source, lsn: 99 },
        ts_ms: 1,
      };
      const text = await fetch(`${suite.stack.address}/v1/events?mapping=acked`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${suite.stack.key}`,
          'content-type': 'application/x-ndjson',
          accept: 'application/x-ndjson',
        },
        body: lines(null, null, change),
      }).then((answer) => answer.text());
      expect(
        text
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line)),
      ).toMatchObject([{ acknowledged: 3, received: 1, stored: 1 }, { done: { received: 1, stored: 1, skipped: 2 } }]);
    });
  });

  describe('preview', () => {
    it('shows events and rejections of a mapping that is not stored, digit by digit, and stores nothing', async () => {
      const before = await suite.stack.account();
      const mapping = {
        ...mappingOf('csv'),
        event: { ...mappingOf('csv').event, stage: { path: 'stage', default: 'shop' } },
      };
      const body = 'id;amount;stage\np1;12345678901234567,10;\np2;x;\np3\np4;1;moon\n;1;\n';
      const answer = await fetch(`${suite.stack.address}/v1/mappings/preview`, {
        method: 'POST',
        headers: { authorization: `Bearer ${suite.stack.key}`, 'content-type': 'application/json' },
        body: JSON.stringify({ mapping, body }),
      });
      expect(answer.headers.get('content-type')).toContain('application/json');
      const text = await answer.text();
      expect(text).toContain('"amount":12345678901234567.10');
      expect(JSON.parse(text).records).toMatchObject([
        { line: 1, event: { id: 'p1', process: 'orders', stage: 'shop' } },
        { line: 2, rejection: { code: 'conversion_failed' } },
        { line: 3, rejection: { code: 'ragged_row' } },
        { line: 4, event: { stage: 'moon' }, rejection: { code: 'unknown_stage' } },
        { line: 5, rejection: { code: 'missing_field', field: 'id' } },
      ]);
      expect(JSON.parse(text).records[0].rejection).toBeUndefined();
      expect(countsOf(await suite.stack.account())).toEqual(countsOf(before));
      expect(await suite.stack.timeline('orders', 'p1')).toEqual([]);
    });

    it('takes a stored one, bytes, a limit, and tells where nothing more can be read', async () => {
      await put('shown', { ...mappingOf('csv'), format: { kind: 'csv', delimiter: ';', encoding: 'latin1' } });
      const bodyBase64 = Buffer.from('id;amount\n\xfc;1\nx;1\n"', 'latin1').toString('base64');
      const shown = await preview({ mapping: 'shown', bodyBase64 });
      expect(shown.body).toMatchObject({
        records: [{ event: { id: 'ü' } }, { line: 2 }],
        broken: { line: 3, code: 'quote_not_closed' },
      });
      expect((await preview({ mapping: 'shown', bodyBase64, limit: 1 })).body).toMatchObject({
        records: [{ event: { id: 'ü' } }],
      });
      const skipped = await preview({ mapping: mappingOf('debezium'), body: 'null' });
      expect(skipped.body).toEqual({ records: [{ line: 1, skipped: true }] });
    });

    it('refuses what could not be used, by its place', async () => {
      const { status, body } = await preview({
        mapping: { ...mappingOf('x12'), data: { x: { path: 'BEG' } } },
        body: 'x',
      });
      expect(status).toBe(400);
      expect(body).toMatchObject({ code: 'invalid_mapping', errors: [{ field: 'data.x.path' }] });
      expect(await preview({ mapping: 'nowhere', body: 'x' })).toMatchObject({ status: 404 });
      expect(await preview({ mapping: mappingOf('csv') })).toMatchObject({
        status: 400,
        body: { code: 'invalid_request' },
      });
      expect(await preview({ mapping: mappingOf('csv'), body: 'x', contentType: 'application/json' })).toMatchObject({
        status: 415,
      });
    });
  });
});
