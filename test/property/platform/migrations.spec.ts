import { classify } from '@holdfast/platform/clickhouse/migrations/classify';
import { statementsOf } from '@holdfast/platform/clickhouse/migrations/files';
import {
  isOpen,
  MaintenanceWindowError,
  opensAt,
  parseMaintenanceWindow,
} from '@holdfast/platform/config/maintenance-window';
import fc from 'fast-check';

const part = fc.constantFrom(
  ...[
    'CREATE',
    'ALTER',
    'TABLE',
    'DROP',
    'COLUMN',
    'IF',
    'NOT',
    'EXISTS',
    'ADD',
    'UPDATE',
    'WHERE',
    'INSERT',
    'INTO',
    'SELECT',
  ],
  ...[
    'IN',
    'FROM',
    'RENAME',
    'TO',
    'ENGINE',
    '=',
    '(',
    ')',
    ',',
    ';',
    '.',
    't',
    'a',
    "'a'",
    '`a`',
    '"',
    "'",
    '--',
    '\n',
    '/*',
    '*/',
  ],
);
const nasty = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.array(part).map((parts) => parts.join(' ')),
);

describe('statements of a migration', () => {
  it('are sorted or refused, whatever the text', () => {
    fc.assert(
      fc.property(nasty, (sql) => {
        const { kind, table, refusal } = classify(sql);
        expect(typeof kind).toBe('string');
        if (refusal === undefined) expect(table).not.toBe('');
      }),
    );
  });

  it('are found again in a file, whatever stands between them', () => {
    const one = fc.constantFrom("SELECT ';'", 'SELECT `;`', 'SELECT 1 /* ; */ + 1', 'SELECT -- ;\n 1');
    const between = fc.constantFrom(';', ' ; ', ';;\n', ';\n-- ; \n', '; /* ; */ ;');
    fc.assert(
      fc.property(fc.array(fc.tuple(one, between)), (parts) => {
        const text = parts.map((pair) => pair.join('')).join('\n');
        expect(statementsOf(text).map(({ sql }) => sql)).toEqual(parts.map(([sql]) => sql));
      }),
    );
  });
});

describe('a maintenance window', () => {
  const time = fc.tuple(fc.nat(23), fc.nat(59)).map((both) => both.map((n) => String(n).padStart(2, '0')).join(':'));
  const days = fc.constantFrom('Sun', 'Sat,Sun', 'Mon-Fri', 'Fri-Mon', 'daily');
  const zone = fc.constantFrom('UTC', 'Europe/Berlin', 'America/St_Johns', 'Pacific/Apia', 'Asia/Kolkata');
  const window = fc.tuple(days, time, time, zone).map(([day, from, to, name]) => `${day} ${from}-${to} ${name}`);

  it('is read, or refused with a reason, whatever the text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), window), (text) => {
        try {
          parseMaintenanceWindow(text);
        } catch (error) {
          expect(error).toBeInstanceOf(MaintenanceWindowError);
        }
      }),
    );
  });

  it('is open when it says that it opens, and not a minute before', () => {
    const at = fc.integer({ min: Date.UTC(2020, 0, 1), max: Date.UTC(2030, 0, 1) });
    fc.assert(
      fc.property(
        window.filter((text) => !/ (\d\d:\d\d)-\1 /.test(text)),
        at,
        (text, now) => {
          const parsed = parseMaintenanceWindow(text);
          const opens = opensAt(parsed, now);
          expect(isOpen(parsed, opens)).toBe(true);
          if (opens > now) expect(isOpen(parsed, opens - 60_000) && opens - 60_000 >= now).toBe(false);
        },
      ),
      { numRuns: 30 },
    );
  });
});
