import { bitOf, findPersonal } from './detect';
import { DETECTORS, type Detector } from './policy';

const find = (text: string, wanted: readonly Detector[] = DETECTORS): [Detector, string][] => {
  const bytes = Buffer.from(text);
  const bits = wanted.reduce((all, one) => all | bitOf(one), 0);
  return findPersonal(bytes, 0, bytes.length, bits).map(({ from, to, detector }) => [
    detector,
    bytes.toString('utf8', from, to),
  ]);
};
/** All of the text, by the detector alone. */
const isWhole = (detector: Detector, text: string): boolean => {
  const [found] = find(text, [detector]);
  return found?.[1] === text;
};

/** The examples of the SWIFT IBAN registry, one for each country. */
const IBANS =
  `AD1200012030200359100100 AE070331234567890123456 AL47212110090000000235698741 AT611904300234573201 AZ21NABZ00000000137010001944
  BA391290079401028494 BE68539007547034 BG80BNBG96611020345678 BH67BMAG00001299123456 BI4210000100010000332045181 BR1800360305000010009795493C1
  BY13NBRB3600900000002Z00AB00 CH9300762011623852957 CR05015202001026284066 CY17002001280000001200527600 CZ6508000000192000145399 DE89370400440532013000
  DJ2100010000000154000100186 DK5000400440116243 DO28BAGR00000001212453611324 EE382200221020145685 EG380019000500000000263180002 ES9121000418450200051332
  FI2112345600000785 FK88SC123456789012 FO6264600001631634 FR1420041010050500013M02606 GB29NWBK60161331926819 GE29NB0000000101904917
  GI75NWBK000000007099453 GL8964710001000206 GR1601101250000000012300695 GT82TRAJ01020000001210029690 HR1210010051863000160 HU42117730161111101800000000
  IE29AIBK93115212345678 IL620108000000099999999 IQ98NBIQ850123456789012 IS140159260076545510730339 IT60X0542811101000000123456
  JO94CBJO0010000000000131000302 KW81CBKU0000000000001234560101 KZ86125KZT5004100100 LB62099900000001001901229114 LC55HEMM000100010012001200023015
  LI21088100002324013AA LT121000011101001000 LU280019400644750000 LV80BANK0000435195001 LY83002048000020100120361 MC5811222000010123456789030
  MD24AG000225100013104168 ME25505000012345678951 MK07250120000058984 MN121234123456789123 MR1300020001010000123456753 MT84MALT011000012345MTLCAST001S
  MU17BOMM0101101030300200000MUR NI45BAPR00000013000003558124 NL91ABNA0417164300 NO9386011117947 OM810180000001299123456 PK36SCBL0000001123456702
  PL61109010140000071219812874 PS92PALS000000000400123456702 PT50000201231234567890154 QA58DOHB00001234567890ABCDEFG RO49AAAA1B31007593840000
  RS35260005601001611379 RU0304452522540817810538091310419 SA0380000000608010167519 SC18SSCB11010000000000001497USD SD8811123456789012
  SE4550000000058398257466 SI56263300012039086 SK3112000000198742637541 SM86U0322509800000000270100 SO211000001001000100141 ST23000100010051845310146
  SV62CENR00000000000000700025 TL380080012345678910157 TN5910006035183598478831 TR330006100519786457841326 UA213223130000026007233566001
  VA59001123000012345678 VG96VPVG0000012345678901 XK051212012345678906 YE15CBYE0001018861234567891234`
    .trim()
    .split(/\s+/);

describe('IBAN', () => {
  it.each(IBANS)('%s is one, in groups too; with another digit or one less it is none', (iban) => {
    expect(isWhole('iban', iban)).toBe(true);
    expect(isWhole('iban', iban.replace(/(.{4})(?=.)/g, '$1 '))).toBe(true);
    expect(isWhole('iban', iban.toLowerCase())).toBe(true);
    const last = iban.at(-1)!;
    expect(find(iban.slice(0, -1) + (last === '7' ? '8' : '7'), ['iban'])).toEqual([]);
    expect(find(iban.slice(0, -1), ['iban'])).toEqual([]);
    expect(find(`${iban}1`, ['iban'])).toEqual([]);
  });
});

describe('payment card', () => {
  // Test numbers that the schemes and acquirers publish.
  it.each([
    ...[
      '4111111111111111',
      '4012888888881881',
      '4222222222222',
      '5555555555554444',
      '5105105105105100',
      '2223003122003222',
      '378282246310005',
    ],
    ...[
      '371449635398431',
      '30569309025904',
      '38520000023237',
      '6011111111111117',
      '6011000990139424',
      '3530111333300000',
      '6759649826438453',
    ],
    ...['4111 1111 1111 1111', '4111-1111-1111-1111', '3782 822463 10005', '6200000000000005'],
  ])('%s is one', (number) => {
    expect(isWhole('card', number)).toBe(true);
    const wrong = number.slice(0, -1) + String((Number(number.at(-1)) + 1) % 10);
    expect(isWhole('card', wrong)).toBe(false);
  });

  it.each([
    '1234567812345670',
    '79927398713',
    '411111111111111',
    '0000000000000000',
    '1764892800000000000',
    'a4111111111111111',
    '41111111111111112',
  ])('%s is none', (number) => expect(find(number, ['card'])).toEqual([]));
});

describe('detectors', () => {
  it.each<[Detector, string[], string[]]>([
    [
      'email',
      ['a@b.cd', 'jane.doe+x@mail.example.com', "o'neil@x-y.example", 'jürgen@müller.example', 'UPPER@CASE.EXAMPLE'],
      ['@', 'a@', '@b.cd', 'a@b', 'a b@', 'a@b.c', 'a@.cd', 'user@localhost'],
    ],
    [
      'phone',
      ['+4915123456789', '+49 151 234-567', '+1 (555) 010-9999', '+44 20.7946.0958'],
      ['+1', '+123456', '+0491512345', '4915123456789', '12+3456789', '+1234567890123456'],
    ],
    [
      'ip',
      [
        '203.0.113.7',
        '0.0.0.0',
        '255.255.255.255',
        '2001:db8::1',
        '::1',
        '2001:DB8:0:0:0:0:0:1',
        '::ffff:192.0.2.1',
        'fe80::',
      ],
      [
        '256.1.1.1',
        '1.2.3',
        '1.2.3.4.5',
        '01.2.3.4',
        '10:30:00',
        '00:1b:44:11:3a:b7',
        '1:2:3:4:5:6:7',
        '::',
        'std::add',
        '1::2::3',
        '12345::1',
      ],
    ],
    [
      'us_ssn',
      ['078-05-1120', '219-09-9999', '219 09 9999'],
      [
        '000-12-3456',
        '666-12-3456',
        '900-12-3456',
        '123-00-4567',
        '123-45-0000',
        '123-45-67890',
        '078051120',
        '123-45 6789',
      ],
    ],
    // The example of the Federal Central Tax Office, and numbers of its test set.
    [
      'de_tax_id',
      ['86095742719', '47036892816', '65929970489', '57549285017', '25768131411', '86 095 742 719'],
      ['86095742718', '02476291358', '12345678903', '1234567890', '11111111111'],
    ],
    [
      'vat_id',
      [
        'DE136695976',
        'ATU13585627',
        'BE0428759497',
        'FR40303265045',
        'IT00743110157',
        'NL004495445B01',
        'PL8567346215',
      ],
      [
        'DE136695978',
        'ATU13585626',
        'BE0431150351',
        'FR84323140391',
        'IT00743110158',
        'NL123456790B90',
        'PL8567346216',
        'US123456789',
        'DE13669597',
      ],
    ],
    [
      'bic',
      ['DEUTDEFF', 'DEUTDEFF500', 'NEDSZAJJXXX'],
      ['DEUTDEF', 'deutdeff', 'CANCELLED', 'SHIPPING', 'DEUTXXFF', 'pay to DEUTDEFF'],
    ],
  ])('%s', (detector, those, others) => {
    expect(those.filter((text) => !isWhole(detector, text))).toEqual([]);
    expect(others.filter((text) => isWhole(detector, text))).toEqual([]);
  });

  it('find values in longer texts, and what stands beside them stays', () => {
    expect(
      find('mail jane@x.example, or call +49 (151) 2345678. Card 4111 1111 1111 1111 12/27 from 203.0.113.7'),
    ).toEqual([
      ['email', 'jane@x.example'],
      ['phone', '+49 (151) 2345678'],
      ['card', '4111 1111 1111 1111'],
      ['ip', '203.0.113.7'],
    ]);
    expect(find('IBAN DE89 3704 0044 0532 0130 00 thanks; <b@c.de>(078-05-1120)')).toEqual([
      ['iban', 'DE89 3704 0044 0532 0130 00'],
      ['email', 'b@c.de'],
      ['us_ssn', '078-05-1120'],
    ]);
    expect(
      find('ordered 2026-11-20T10:30:00.123Z, sku 550e8400-e29b-41d4-a716-446655440000, total 1234.50, v1.2.3'),
    ).toEqual([]);
    expect(find('+49 151 12345678 2026')).toEqual([['phone', '+49 151 12345678']]);
  });

  it('that are not wanted find nothing', () => {
    expect(find('a@b.cd 4111111111111111', ['iban'])).toEqual([]);
    expect(find('a@b.cd 4111111111111111', ['card'])).toEqual([['card', '4111111111111111']]);
  });
});
