import { PLACE, readAll, type MappingInput } from '../../../../test/property/mapping/read-all';

/** Messages in the structure that the documentation of each connector publishes. */
const ANNE = { id: 1004, first_name: 'Anne', last_name: 'Kretchmar', email: 'annek@noanswer.org' };
const MARIE = { ...ANNE, first_name: 'Anne Marie' };
const PG = {
  version: '3.0.0.Final',
  connector: 'postgresql',
  name: 'server',
  ts_ms: 1559033904863,
  ts_us: 1559033904863123,
  snapshot: false,
  db: 'postgres',
  sequence: '["24023119","24023128"]',
  schema: 'public',
  table: 'customers',
  txId: 555,
  lsn: 24023128,
  xmin: null,
};
const MYSQL = {
  version: '3.0.0.Final',
  connector: 'mysql',
  name: 'mysql-server-1',
  ts_ms: 0,
  snapshot: false,
  db: 'inventory',
  table: 'customers',
  server_id: 0,
  gtid: null,
  file: 'mysql-bin.000003',
  pos: 154,
  row: 0,
  thread: 7,
  query: 'INSERT',
};
const SQL_SERVER = {
  version: '3.0.0.Final',
  connector: 'sqlserver',
  name: 'server1',
  ts_ms: 1559729995937,
  ts_us: 1559729995937000,
  snapshot: false,
  db: 'testDB',
  schema: 'dbo',
  table: 'customers',
  change_lsn: '00000027:00000ac0:0002',
  commit_lsn: '00000027:00000ac0:0007',
  event_serial_no: '2',
};
const MONGO = {
  version: '3.0.0.Final',
  connector: 'mongodb',
  name: 'fulfillment',
  ts_ms: 1558965508000,
  snapshot: false,
  db: 'inventory',
  rs: 'rs0',
  collection: 'customers',
  ord: 31,
  h: 1546547425148721999n,
};
const document = (first: string): string =>
  `{"_id": {"$numberLong": "1004"},"first_name": "${first}","at": {"$date": 1558965508000},"total": {"$numberDecimal": "12.50"},"ref": {"$oid": "596e275826f08b2730779e1f"}}`;
const json = (value: unknown): string =>
  JSON.stringify(value, (_name, one: unknown) => (typeof one === 'bigint' ? Number(one) : one));
const envelope = (over: object): string =>
  json({ before: null, after: null, source: PG, op: 'c', ts_ms: 1559033904999, ...over });

const CUSTOMERS: MappingInput = { format: { kind: 'debezium' }, event: { ...PLACE, key: { path: 'row.id' } } };
const DOCUMENTS: MappingInput = { ...CUSTOMERS, event: { ...PLACE, key: { path: 'row._id' } } };
const one = (mapping: MappingInput, message: string) => {
  const { events, rejections } = readAll(mapping, message);
  expect(rejections).toEqual([]);
  return events[0];
};

describe('Debezium', () => {
  it.each([
    ['postgresql', PG, 1559033904863123],
    ['sqlserver', SQL_SERVER, 1559729995937000],
    ['mysql', { ...MYSQL, ts_ms: 1465491411000 }, 1465491411000],
  ])('%s: create, update and delete, with what changed field by field', (_connector, source, occurredAt) => {
    const created = one(CUSTOMERS, envelope({ source, after: ANNE }));
    expect(created).toMatchObject({ key: '1004', type: 'customers.created', occurredAt });
    expect(created.data).toEqual({ ...ANNE, changes: Object.entries(ANNE).map(([path, after]) => ({ path, after })) });
    const updated = one(CUSTOMERS, envelope({ source, op: 'u', before: ANNE, after: MARIE }));
    expect(updated).toMatchObject({ type: 'customers.updated' });
    expect(updated.data).toEqual({ ...MARIE, changes: [{ path: 'first_name', before: 'Anne', after: 'Anne Marie' }] });
    const deleted = one(CUSTOMERS, envelope({ source, op: 'd', before: MARIE }));
    expect(deleted).toMatchObject({ type: 'customers.deleted', key: '1004' });
    expect(deleted.data).toEqual({
      ...MARIE,
      changes: Object.entries(MARIE).map(([path, before]) => ({ path, before })),
    });
    expect(new Set([created.id, updated.id, deleted.id]).size).toBe(3);
  });

  it('MongoDB: documents are read out of their text, an update without one by what it says', () => {
    const source = MONGO;
    expect(one(DOCUMENTS, envelope({ source, after: document('Anne') }))).toMatchObject({
      key: '1004',
      type: 'customers.created',
      data: { first_name: 'Anne', at: '2019-05-27T13:58:28.000Z', total: 12.5, ref: '596e275826f08b2730779e1f' },
    });
    const updateDescription = {
      removedFields: ['phone'],
      updatedFields: '{"first_name": "Anne Marie"}',
      truncatedArrays: null,
    };
    const changed = [{ path: 'first_name', after: 'Anne Marie' }, { path: 'phone' }];
    const full = one(DOCUMENTS, envelope({ source, op: 'u', after: document('Anne Marie'), updateDescription }));
    expect(full.data).toMatchObject({ _id: 1004, first_name: 'Anne Marie', changes: changed });
    const keyed: MappingInput = { ...DOCUMENTS, event: { ...PLACE, key: { path: 'key.id' } } };
    const partial = one(
      keyed,
      json({ key: { id: '1004' }, value: JSON.parse(envelope({ source, op: 'u', updateDescription })) }),
    );
    expect(partial).toMatchObject({ key: '1004', data: { first_name: 'Anne Marie', changes: changed } });
    const images = one(
      DOCUMENTS,
      envelope({ source, op: 'u', before: document('Anne'), after: document('Anne Marie'), updateDescription }),
    );
    expect(images.data.changes).toEqual([{ path: 'first_name', before: 'Anne', after: 'Anne Marie' }]);
    expect(one(keyed, json({ key: { id: '1004' }, value: JSON.parse(envelope({ source, op: 'd' })) }))).toMatchObject({
      type: 'customers.deleted',
      key: '1004',
    });
  });

  it('a message that is sent again has the same id, another one at another place has not', () => {
    const id = (over: object, mapping = CUSTOMERS): string => one(mapping, envelope({ after: ANNE, ...over })).id;
    expect(id({ ts_ms: 1 })).toBe(id({ ts_ms: 2, source: { ...PG, version: 'later', sequence: null } }));
    const places = [{}, { lsn: 1 }, { txId: 1 }, { table: 'other' }].map((over) => id({ source: { ...PG, ...over } }));
    places.push(...[{}, { pos: 1 }, { row: 1 }, { file: 'f' }].map((over) => id({ source: { ...MYSQL, ...over } })));
    places.push(
      ...[{}, { change_lsn: '1' }, { event_serial_no: '1' }].map((over) => id({ source: { ...SQL_SERVER, ...over } })),
    );
    places.push(
      ...[{}, { ord: 1 }, { ts_ms: 1 }].map((over) =>
        id({ source: { ...MONGO, ...over }, after: document('a') }, DOCUMENTS),
      ),
    );
    places.push(id({ source: MONGO, after: document('a').replace('1004', '1005') }, DOCUMENTS));
    expect(new Set(places).size).toBe(places.length);
    // The document of an update is read when the message is made, and may be another one then.
    const update = (first: string): string => id({ op: 'u', source: MONGO, after: document(first) }, DOCUMENTS);
    expect(update('b')).toBe(update('a'));
  });

  it.each([
    ['op r', { op: 'r' }, {}],
    ['a word in the source', { op: 'r' }, { snapshot: 'last' }],
    ['a boolean in the source', { op: 'c' }, { snapshot: true }],
    ['an incremental snapshot', { op: 'r' }, { snapshot: 'incremental' }],
  ])('a snapshot that is taken again is the same: %s', (_what, over, inSource) => {
    const taken = (ts_ms: number, after: object = ANNE) =>
      one(
        CUSTOMERS,
        envelope({ ...over, after, source: { ...PG, ...inSource, ts_ms, ts_us: undefined, lsn: ts_ms, txId: ts_ms } }),
      );
    expect(taken(1559033904863)).toMatchObject({ type: 'customers.snapshot', data: { ...ANNE, changes: [] } });
    expect(taken(1559033904864).id).toBe(taken(1559033904863).id);
    expect(taken(1559033904863, MARIE).id).not.toBe(taken(1559033904863).id);
  });

  it('a value that the connector did not have is no change, and none of the row unless it is known', () => {
    const gone = '__debezium_unavailable_value';
    const bytes = Buffer.from(gone).toString('base64');
    const after = { ...MARIE, note: gone, picture: bytes, tags: [gone], sign: '__own' };
    const known = one(CUSTOMERS, envelope({ op: 'u', before: { ...ANNE, note: 'n', picture: 'AA==' }, after }));
    expect(known.data).toMatchObject({
      note: 'n',
      picture: 'AA==',
      changes: [{ path: 'first_name' }, { path: 'sign' }],
    });
    expect(known.data).not.toHaveProperty('tags');
    const unknown = one(CUSTOMERS, envelope({ op: 'u', before: null, after }));
    expect(unknown.data).not.toHaveProperty('changes');
    expect(unknown.data).not.toHaveProperty('note');
    const own: MappingInput = { ...CUSTOMERS, format: { kind: 'debezium', unavailableValue: '__own' } };
    expect(one(own, envelope({ op: 'u', before: ANNE, after })).data).toMatchObject({ note: gone });
  });

  it('columns are decoded by the schema in band, numbers digit by digit', () => {
    const fields = [
      ['day', 'int32', 'io.debezium.time.Date', 19_523, '2023-06-15'],
      ['old', 'int32', 'org.apache.kafka.connect.data.Date', -1, '1969-12-31'],
      ['ms', 'int64', 'io.debezium.time.Timestamp', 1_686_825_015_123, '2023-06-15T10:30:15.123'],
      ['us', 'int64', 'io.debezium.time.MicroTimestamp', -1, '1969-12-31T23:59:59.999999'],
      ['ns', 'int64', 'io.debezium.time.NanoTimestamp', 1_686_825_015_000_000_000n, '2023-06-15T10:30:15'],
      ['time', 'int64', 'io.debezium.time.MicroTime', 37_815_000_001, '10:30:15.000001'],
      ['zoned', 'string', 'io.debezium.time.ZonedTimestamp', '2023-06-15T10:30:15Z', '2023-06-15T10:30:15Z'],
      ['bits', 'bytes', 'io.debezium.data.Bits', 'BQE=', '0100000101'],
      ['json', 'string', 'io.debezium.data.Json', '{"a":[1]}', { a: [1] }],
      ['uuid', 'string', 'io.debezium.data.Uuid', 'f9a1', 'f9a1'],
      ['none', 'int32', 'io.debezium.time.Date', null, null],
    ] as const;
    const decimals = [
      ['price', 'AxH3', 2, '2012.07'],
      ['owed', '/w==', 2, '-0.01'],
      ['whole', 'AQ==', 0, '1'],
      ['long', 'ASNFZ4mrze8BI0U=', 10, '137548893253931.1398658885'],
    ] as const;
    const row = {
      id: 1,
      ...Object.fromEntries(fields.map(([name, , , value]) => [name, value])),
      ...Object.fromEntries(decimals.map(([name, value]) => [name, value])),
      loose: { scale: 3, value: 'BNI=' },
    };
    const schema = {
      type: 'struct',
      fields: [
        {
          type: 'struct',
          field: 'after',
          fields: [
            ...fields.map(([field, type, name]) => ({
              field,
              type,
              name,
              ...(name.endsWith('Bits') && { parameters: { length: '10' } }),
            })),
            ...decimals.map(([field, , scale]) => ({
              field,
              type: 'bytes',
              name: 'org.apache.kafka.connect.data.Decimal',
              parameters: { scale: String(scale) },
            })),
            {
              field: 'loose',
              type: 'struct',
              name: 'io.debezium.data.VariableScaleDecimal',
              fields: [
                { type: 'int32', field: 'scale' },
                { type: 'bytes', field: 'value' },
              ],
            },
          ],
        },
      ],
    };
    const text = json({ schema, payload: JSON.parse(envelope({ after: row })) }).replace(
      '1686825015000000000',
      '1686825015000000000',
    );
    const { texts, events } = readAll(CUSTOMERS, text);
    for (const [name, , , , decoded] of fields) expect([name, events[0].data[name]]).toEqual([name, decoded]);
    for (const [name, , , decoded] of decimals) expect(texts[0]).toContain(`"${name}":${decoded},`);
    expect(events[0].data.loose).toBe(1.234);
  });

  it('or by the mapping, where it came without', () => {
    const mapping: MappingInput = {
      ...CUSTOMERS,
      format: {
        kind: 'debezium',
        columns: { price: { type: 'decimal', scale: 2 }, at: { type: 'timestamp_us' }, extra: { type: 'json' } },
      },
      data: {
        amount: { path: 'row.price' },
        city: { path: 'row.extra.city' },
        at: { path: 'row.at' },
        before: { path: 'before.price' },
      },
    };
    const message = envelope({
      op: 'u',
      before: { id: 1, price: 'AA==' },
      after: { id: 1, price: 'AxH3', at: 1686825015000000, extra: '{"city":"Ulm"}' },
    });
    expect(one(mapping, message).data).toMatchObject({
      amount: 2012.07,
      city: 'Ulm',
      at: '2023-06-15T10:30:15',
      before: 0,
      changes: [{ path: 'price', before: 0, after: 2012.07 }, { path: 'at' }, { path: 'extra' }],
    });
  });

  it('long numbers keep their digits without any type', () => {
    const text = envelope({ after: { id: 1, big: 0 } }).replace('"big":0', '"big":12345678901234567890.10');
    expect(readAll(CUSTOMERS, text).texts[0]).toContain('"big":12345678901234567890.10');
  });

  it('tombstones say nothing, in each of their forms', () => {
    const messages = [
      'null',
      json({ key: { id: 1 }, value: null }),
      json({ schema: null, payload: null }),
      json({ key: { schema: {}, payload: { id: 1 } }, value: { schema: null, payload: null } }),
    ];
    expect(readAll(CUSTOMERS, messages).order).toEqual(['skipped', 'skipped', 'skipped', 'skipped']);
  });

  it.each([
    ['a truncated table', envelope({ op: 't' }), 'no_row_change'],
    [
      'a message of the log',
      json({ op: 'm', ts_ms: 1, source: PG, message: { prefix: 'p', content: 'AA==' } }),
      'no_row_change',
    ],
    ['a row alone', json(ANNE), 'no_change_event'],
    [
      'a boundary of a transaction',
      json({ status: 'BEGIN', id: '1', ts_ms: 1486500577125, event_count: null }),
      'no_change_event',
    ],
    ['a change without its row', envelope({}), 'no_change_event'],
    [
      'a connector that is not known',
      envelope({ after: ANNE, source: { connector: 'other', ts_ms: 1 } }),
      'position_unknown',
    ],
    ['a place that is missing', envelope({ after: ANNE, source: { ...PG, lsn: null } }), 'position_unknown'],
    ['a column of the name of changes', envelope({ after: { ...ANNE, changes: 1 } }), 'conversion_failed'],
    ['no JSON', '{"op":', 'malformed_json'],
    ['a name twice', '{"op":"c","op":"d"}', 'duplicate_field'],
  ])('%s is rejected', (_what, message, code) => {
    expect(readAll(CUSTOMERS, message).rejections).toMatchObject([{ code }]);
  });

  it('a mapping of its own takes what the rules do not know', () => {
    const own: MappingInput = {
      ...CUSTOMERS,
      event: {
        ...CUSTOMERS.event,
        id: { hash: ['row.id', 'op'] },
        type: { path: 'op', choose: { c: 'customer.new' } },
        occurredAt: { path: 'source.ts_ms' },
      },
    };
    expect(one(own, envelope({ after: ANNE, source: { connector: 'other', ts_ms: 1559033904863 } }))).toMatchObject({
      type: 'customer.new',
      occurredAt: 1559033904863,
    });
  });
});
