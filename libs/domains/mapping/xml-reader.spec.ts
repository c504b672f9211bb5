import { PLACE, readAll, type MappingInput } from '../../../test/property/mapping/read-all';

const ORDERS: MappingInput = {
  format: { kind: 'xml', record: 'Orders/Order' },
  event: {
    ...PLACE,
    id: { path: '@id' },
    key: { path: 'No', as: ['trim'] },
    type: { value: 'order.placed' },
    occurredAt: { path: '/Orders/@created' },
  },
  data: { second: { path: 'Line[2]/Sku' }, quantity: { path: 'Line[2]/@qty', as: ['number'] }, note: { path: 'Note' } },
};
const ORDER =
  '<Order id="1"><No> A-1 </No><Line qty="1"><Sku>x</Sku></Line><Line qty="2.50"><Sku>y</Sku></Line><Note>a &amp; &#233; <![CDATA[<b>]]></Note></Order>';
const doc = (...orders: string[]): string =>
  `<?xml version="1.0"?>\n<Orders created="2026-11-20T09:30:00Z">${orders.join('\n')}</Orders>`;

describe('XML', () => {
  it('elements and attributes become events', () => {
    const { events, texts } = readAll(
      ORDERS,
      doc('<!-- none -->', ORDER, '<Other><Order id="no"/></Other>', '<Order id="2"><No>B</No></Order>'),
    );
    expect(events).toMatchObject([
      {
        id: '1',
        key: 'A-1',
        occurredAt: '2026-11-20T09:30:00Z',
        data: { second: 'y', quantity: 2.5, note: 'a & é <b>' },
      },
      { id: '2', key: 'B', data: {} },
    ]);
    expect(texts[0]).toContain('"quantity":2.50');
  });

  it('namespaces are ignored, or told apart by prefixes of the mapping', () => {
    const body =
      '<Orders xmlns="urn:o" xmlns:x="urn:x" created="2026-11-20T09:30:00Z"><Order id="1"><x:No>X</x:No><No>O</No></Order></Orders>';
    expect(readAll(ORDERS, body).events).toMatchObject([{ key: 'X' }]);
    const named: MappingInput = {
      format: { kind: 'xml', record: 'o:Orders/o:Order', namespaces: { o: 'urn:o' } },
      event: { ...ORDERS.event, key: { path: 'o:No' }, occurredAt: { path: '/o:Orders/@created' } },
    };
    expect(readAll(named, body).events).toMatchObject([{ key: 'O' }]);
    expect(readAll(named, body.replace('urn:o', 'urn:other')).order).toEqual([]);
  });

  it.each([
    ['an entity of its own', '<!DOCTYPE Orders [<!ENTITY e "expanded">]>', 'xml_entity_refused'],
    ['a file', '<!DOCTYPE Orders [<!ENTITY e SYSTEM "file:///etc/passwd">]>', 'xml_entity_refused'],
    [
      'entities of entities',
      `<!DOCTYPE Orders [<!ENTITY a "${'x'.repeat(9)}"><!ENTITY e "${'&a;'.repeat(9)}">]>`,
      'xml_entity_refused',
    ],
    ['a type declared elsewhere', '<!DOCTYPE Orders SYSTEM "http://127.0.0.1/orders.dtd">', 'xml_entity_refused'],
    ['an entity that nothing declares', '', 'xml_not_well_formed'],
  ])('nothing is expanded: %s', (_what, doctype, code) => {
    const body = doc(ORDER.replace('&amp;', '&e;')).replace('\n<Orders', `\n${doctype}<Orders`);
    expect(readAll(ORDERS, body, [30, 60])).toMatchObject({ events: [], broken: { code } });
  });

  it('a declaration that never ends is not held', () => {
    const body = Buffer.from(`<!DOCTYPE Orders [${' '.repeat(3_000_000)}`);
    const cuts = Array.from({ length: 40 }, (_, i) => i * 65_536);
    expect(readAll(ORDERS, body, cuts)).toMatchObject({ events: [], broken: { code: 'line_too_long' } });
  });

  it.each([
    ['a tag that does not close', doc(ORDER, '<Order id="2"><No>B</Order>')],
    ['an end that is missing', doc(ORDER).replace('</Orders>', '')],
    ['something behind the end', `${doc(ORDER)}<More/>`],
    ['an attribute twice', doc(ORDER, '<Order id="1" id="2"/>')],
  ])('what stands before a mistake is read: %s', (_what, body) => {
    expect(readAll(ORDERS, body)).toMatchObject({ order: ['event'], broken: { code: 'xml_not_well_formed' } });
  });

  it('records of more than 1 MiB are rejected, deep ones end the body', () => {
    const long = ORDER.replace('<Note>', '<Note/>'.repeat(150_000) + '<Note>');
    expect(readAll(ORDERS, doc(long, ORDER), [300_000, 700_000]).order).toEqual(['line_too_long', 'event']);
    const deep = doc(ORDER, '<Order>' + '<a>'.repeat(100) + '</a>'.repeat(100) + '</Order>');
    expect(readAll(ORDERS, deep)).toMatchObject({ order: ['event'], broken: { code: 'too_deep' } });
  });

  it('bytes are read in the encoding that the document declares', () => {
    const named = (encoding: string): string =>
      doc('<Order id="1"><No>é€</No></Order>').replace('?>', ` encoding="${encoding}"?>`);
    const key = (bytes: Buffer): unknown => readAll(ORDERS, bytes, [1, 2, 45]).events[0]?.key;
    expect(key(Buffer.from(named('UTF-8')))).toBe('é€');
    expect(key(Buffer.from(named('windows-1252').replace('€', '\x80'), 'latin1'))).toBe('é€');
    expect(key(Buffer.from(named('ISO-8859-1').replace('€', '$'), 'latin1'))).toBe('é$');
    expect(key(Buffer.from(`\ufeff${named('UTF-16')}`, 'utf16le'))).toBe('é€');
    for (const bytes of [Buffer.from(named('UTF-8'), 'latin1'), Buffer.from(named('EBCDIC-CP-US'))])
      expect(readAll(ORDERS, bytes)).toMatchObject({ order: [], broken: { code: 'invalid_utf8' } });
  });
});
