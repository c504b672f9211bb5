import { PLACE, readAll, type MappingInput } from '../../../../test/property/mapping/read-all';

/** A purchase order in the structure of ASC X12 850, version 004010. */
const ISA =
  'ISA*00*          *00*          *ZZ*SENDERID       *ZZ*RECEIVERID     *261120*0930*U*00401*000000101*0*P*>~';
const ORDER = (control: string, count = 15): string =>
  [
    `ST*850*${control}`,
    'BEG*00*SA*PO-4711**20261120',
    'REF*DP*038',
    'N1*BY*Buying Party*92*B-1',
    'N3*Main Street 1',
    'N4*Springfield*IL*62701',
    'N1*ST*Ship To Party*92*S-9',
    'N4*Columbus*OH*43085',
    'PO1*1*120*EA*9.25*TE*CB*065322-117',
    'PID*F****SMALL WIDGET',
    'PO1*2*220*EA*13.79*TE*CB*066850-116',
    'PID*F****MEDIUM WIDGET',
    'CTT*2',
    'AMT*TT*4143.80',
    `SE*${count}*${control}`,
  ].join('~\n') + '~\n';
const x12 = (...sets: string[]): string =>
  `${ISA}\nGS*PO*SENDER*RECEIVER*20261120*0930*101*X*004010~\n${sets.join('')}GE*${sets.length}*101~\nIEA*1*000000101~\n`;

const X12_ORDER: MappingInput = {
  format: { kind: 'x12' },
  event: {
    ...PLACE,
    id: { template: '{ISA.6}/{ST.2}', as: ['trim'] },
    key: { path: 'BEG.3' },
    type: { value: 'order.placed' },
    occurredAt: { template: '{GS.4}{GS.5}', as: [{ date: 'YYYYMMDDHHmm' }] },
    timeZone: { value: 'America/Chicago' },
  },
  data: {
    amount: { path: 'AMT[1=TT].2', as: ['number'] },
    'shipTo.id': { path: 'N1[1=ST].4' },
    'shipTo.city': { path: 'N1[1=ST]/N4.1' },
    'shipTo.street': { path: 'N1[1=ST]/N3.1' },
    second: { path: 'PO1[2].7' },
  },
};
const X12_LINES: MappingInput = {
  ...X12_ORDER,
  format: { kind: 'x12', recordSegment: 'PO1', summarySegment: 'CTT' },
  event: { ...X12_ORDER.event, id: { template: '{BEG.3}-{PO1.1}' } },
  data: {
    price: { path: 'PO1.4', as: ['number'] },
    text: { path: 'PID.5' },
    total: { path: 'AMT[1=TT].2', as: ['number'] },
  },
};

/** An order in the structure of UN/EDIFACT ORDERS D.96A. */
const MESSAGE = (reference: string, count = 13): string =>
  [
    `UNH+${reference}+ORDERS:D:96A:UN:EAN008`,
    'BGM+220+128576+9',
    'DTM+137:202611201030:203',
    'NAD+BY+5412345000176::9',
    "NAD+SU+4012345500004::9++?'t Winkel ?+ Zoon:second",
    'LIN+1++4000862141404:SRS',
    'QTY+21:48',
    'PRI+AAA:699,84',
    'LIN+2++5412345111115:EN',
    'QTY+21:12',
    'UNS+S',
    'CNT+2:2',
    `UNT+${count}+${reference}`,
  ].join("'\r\n") + "'\r\n";
const edifact = (...messages: string[]): string =>
  `UNA:+.? '\r\nUNB+UNOC:3+5412345678908:14+8798765432106:14+261120:1045+REF1'\r\n${messages.join('')}UNZ+${messages.length}+REF1'`;
const EDIFACT_ORDER: MappingInput = {
  format: { kind: 'edifact' },
  event: {
    ...PLACE,
    id: { hash: ['UNB.5', 'UNH.1'] },
    key: { path: 'BGM.2' },
    type: { path: 'BGM.1', choose: { '220': 'order.placed', '231': 'order.confirmed' } },
    occurredAt: { path: 'DTM[1=137].1.2', as: [{ date: 'YYYYMMDDHHmm' }] },
    timeZone: { value: 'Europe/Brussels' },
  },
  data: {
    buyer: { path: 'NAD[1=BY].2.1' },
    agency: { path: 'NAD[1=BY].2.3' },
    seller: { path: 'NAD[1=SU].4.1' },
    price: { path: 'LIN[1]/PRI.1.2', as: ['decimal_comma', 'number'] },
  },
};

describe('X12', () => {
  it('a transaction set becomes an event', () => {
    const { events, rejections } = readAll(X12_ORDER, x12(ORDER('0001')));
    expect(rejections).toEqual([]);
    expect(events).toEqual([
      {
        id: 'SENDERID       /0001',
        source: 'partner',
        process: 'orders',
        stage: 'shop',
        key: 'PO-4711',
        type: 'order.placed',
        occurredAt: '2026-11-20T09:30:00',
        timeZone: 'America/Chicago',
        // The address of the buyer is not that of whom it is shipped to.
        data: { amount: 4143.8, shipTo: { id: 'S-9', city: 'Columbus' }, second: '066850-116' },
      },
    ]);
  });

  it('or each of its lines does, with what the set says of all', () => {
    const { events } = readAll(X12_LINES, x12(ORDER('0001')));
    expect(events.map(({ id, data }) => [id, data])).toEqual([
      ['PO-4711-1', { price: 9.25, text: 'SMALL WIDGET', total: 4143.8 }],
      ['PO-4711-2', { price: 13.79, text: 'MEDIUM WIDGET', total: 4143.8 }],
    ]);
  });

  it.each([
    ['too few segments counted', x12(ORDER('0001', 14), ORDER('0002')), ['wrong_segment_count', 'event']],
    [
      'another control number',
      x12(ORDER('0001').replace('*15*0001', '*15*0009'), ORDER('0002')),
      ['wrong_control_number', 'event'],
    ],
    ['no trailer', x12(ORDER('0001').replace(/SE.*~\n/, ''), ORDER('0002')), ['missing_segment', 'event']],
    ['a group that lost a set', x12(ORDER('0001')).replace('GE*1', 'GE*2'), ['event', 'wrong_segment_count']],
    [
      'a group of another number',
      x12(ORDER('0001')).replace('GE*1*101', 'GE*1*102'),
      ['event', 'wrong_control_number'],
    ],
    [
      'an interchange that lost a group',
      x12(ORDER('0001')).replace('IEA*1', 'IEA*2'),
      ['event', 'wrong_segment_count'],
    ],
    [
      'an interchange of another number',
      x12(ORDER('0001')).replace('IEA*1*000000101', 'IEA*1*000000102'),
      ['event', 'wrong_control_number'],
    ],
    [
      'an interchange without its end, and another one',
      `${x12(ORDER('0001')).replace(/IEA.*/s, '')}${x12(ORDER('0002'))}`,
      ['event', 'missing_segment', 'event'],
    ],
    ['a body that ends within a set', x12(ORDER('0001')).slice(0, 400), ['missing_segment']],
    [
      'a set outside of any group',
      x12(ORDER('0001'))
        .replace(/GS.*?~\n/, '')
        .replace(/\nGE.*?~/, '')
        .replace('IEA*1', 'IEA*0'),
      ['missing_segment', 'wrong_segment_count'],
    ],
    ['a segment outside of any set', x12(ORDER('0001')).replace('GE*1', 'REF*1~GE*1'), ['event', 'unexpected_segment']],
    ['an acknowledgement between header and group', x12(ORDER('0001')).replace('GS*', 'TA1*1~GS*'), ['event']],
    ['several interchanges', x12(ORDER('0001')) + x12(ORDER('0002')), ['event', 'event']],
  ])('%s', (_what, body, order) => {
    expect(readAll(X12_ORDER, body)).toMatchObject({ order, broken: undefined });
  });

  it('a set without the segment that begins its records is told of', () => {
    const body = x12('ST*850*1~BEG*00*SA*P~SE*3*1~');
    expect(readAll(X12_LINES, body).rejections).toMatchObject([{ code: 'missing_segment', field: 'PO1' }]);
  });

  it('what begins with no interchange is not read', () => {
    for (const body of ['GS*PO~', 'x', x12(ORDER('1')).replace('*ZZ*', '*Z*'), 'ISA*00*'])
      expect(readAll(X12_ORDER, body)).toMatchObject({ order: [], broken: { code: 'edi_malformed' } });
  });

  it('other separators, a repetition and components', () => {
    const body = x12(ORDER('0001'))
      .replace('*U*00401*', '*^*00501*')
      .replace('REF*DP*038', 'REF*DP^XX*038>7')
      .replaceAll('*', '|')
      .replaceAll('~\n', '\x1d');
    const data = { first: { path: 'REF.1' }, component: { path: 'REF.2.2' }, whole: { path: 'REF[1=DP].2.1' } };
    expect(readAll({ ...X12_ORDER, data }, body).events).toMatchObject([
      { data: { first: 'DP', component: '7', whole: '038' } },
    ]);
  });

  it('a set of more than 1 MiB is rejected, and the next one is read', () => {
    const long = ORDER('0001', 15 + 30_000).replace(
      'PID*F',
      `${'MSG*0123456789012345678901234567890123456789~'.repeat(30_000)}PID*F`,
    );
    expect(readAll(X12_ORDER, x12(long, ORDER('0002')), [500_000, 900_000]).order).toEqual(['line_too_long', 'event']);
  });
});

describe('EDIFACT', () => {
  it('a message becomes an event; released characters are text', () => {
    const { events, rejections } = readAll(EDIFACT_ORDER, edifact(MESSAGE('1')));
    expect(rejections).toEqual([]);
    expect(events).toMatchObject([
      {
        key: '128576',
        type: 'order.placed',
        occurredAt: '2026-11-20T10:30:00',
        data: { buyer: '5412345000176', agency: '9', seller: "'t Winkel + Zoon", price: 699.84 },
      },
    ]);
    expect(events[0].id).toMatch(/^[0-9a-f]{32}$/);
  });

  it('service characters without UNA, and others that UNA states', () => {
    const plain = edifact(MESSAGE('1')).slice(9);
    const other = plain
      .replaceAll('?+', '\u0001')
      .replaceAll("?'", '\u0002')
      .replaceAll('+', '|')
      .replaceAll("'", '~')
      .replaceAll('\u0001', '+')
      .replaceAll('\u0002', "'");
    const read = [plain, `UNA:|.! ~${other}`].map((body) => readAll(EDIFACT_ORDER, body).events);
    expect(read[0]).toHaveLength(1);
    expect(read[1]).toEqual(read[0]);
  });

  it('groups, and the lines of a message', () => {
    const grouped = `UNB+UNOA:1+A+B+261120:1045+R'UNG+ORDERS+A+B+261120:1045+G+UN+D:96A'${MESSAGE('1')}UNE+1+G'UNZ+1+R'`;
    const lines: MappingInput = {
      ...EDIFACT_ORDER,
      format: { kind: 'edifact', recordSegment: 'LIN', summarySegment: 'UNS' },
      event: { ...EDIFACT_ORDER.event, id: { template: '{BGM.2}-{LIN.1}' } },
      data: {
        quantity: { path: 'QTY[1=21].1.2', as: ['number'] },
        price: { path: 'PRI.1.2' },
        lines: { path: 'CNT.1.2' },
      },
    };
    expect(readAll(lines, grouped).events.map(({ id, data }) => [id, data])).toEqual([
      ['128576-1', { quantity: 48, price: '699,84', lines: '2' }],
      ['128576-2', { quantity: 12, lines: '2' }],
    ]);
  });

  it.each([
    ['too few segments counted', edifact(MESSAGE('1', 12), MESSAGE('2')), ['wrong_segment_count', 'event']],
    ['another reference', edifact(MESSAGE('1').replace('+13+1', '+13+2')), ['wrong_control_number']],
    [
      'an interchange that lost a message',
      edifact(MESSAGE('1')).replace('UNZ+1', 'UNZ+2'),
      ['event', 'wrong_segment_count'],
    ],
    [
      'an interchange of another reference',
      edifact(MESSAGE('1')).replace('UNZ+1+REF1', 'UNZ+1+REF2'),
      ['event', 'wrong_control_number'],
    ],
    ['no interchange trailer', edifact(MESSAGE('1')).replace(/UNZ.*/, ''), ['event', 'missing_segment']],
    [
      'a code that the mapping does not know',
      edifact(MESSAGE('1').replace('BGM+220', 'BGM+999')),
      ['conversion_failed'],
    ],
  ])('%s', (_what, body, order) => {
    expect(readAll(EDIFACT_ORDER, body)).toMatchObject({ order, broken: undefined });
  });

  it('texts are read in the character set of the interchange', () => {
    const body = (syntax: string) =>
      Buffer.from(
        edifact(MESSAGE('1')).replace('UNOC', syntax).replace('second', 's\xe9').replace('Zoon', 'Z\xe6on'),
        'latin1',
      );
    const seller = (syntax: string): unknown => readAll(EDIFACT_ORDER, body(syntax)).events[0]?.data.seller;
    expect(seller('UNOC')).toBe("'t Winkel + Zæon");
    expect(seller('UNOD')).toBe("'t Winkel + Zćon");
    expect(readAll(EDIFACT_ORDER, body('UNOW')).order).toEqual(['invalid_utf8']);
  });
});
