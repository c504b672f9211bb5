import fc from 'fast-check';
import { quoteIdentifier, quoteString } from '@holdfast/platform/sql/literals';
import { refuseTextAfterRows, scanStatement } from './scanner';
import { planStatement, type CommandPlan, type InsertPlan, type ReadPlan } from './statement';
import { tokens } from '@holdfast/platform/sql/tokens';

const flat = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();
const read = (sql: string): string => flat((planStatement(sql, 'TSV') as ReadPlan).outfile('../f'));
const insert = (sql: string, compression?: string): string =>
  flat((planStatement(sql, 'TSV') as InsertPlan).infile('../f', compression));
const rows = (sql: string): string => sql.slice((planStatement(sql, 'TSV') as InsertPlan).dataStart);

/** Text that means the same wherever it stands, and may hold semicolons that end nothing. */
const anything = fc.string({
  unit: fc.constantFrom(';', "'", '"', '`', '\\', '-', '/', '*', '$', '\n', ' ', 'a', '’', 'é'),
});
const fragment = fc.oneof(
  anything.map(quoteString),
  anything.map((text) => quoteIdentifier(text)),
  anything.map((text) => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '""')}"`),
  anything.map((text) => `‘${text.replaceAll('’', '')}’`),
  anything.map((text) => `$tag$${text.replaceAll('$', '')}$tag$`),
  anything.map((text) => `-- ${text.replaceAll('\n', '')}\n`),
  anything.map((text) => `// ${text.replaceAll('\n', '')}\n`),
  anything.map((text) => `# ${text.replaceAll('\n', '')}\n`),
  anything.map((text) => `/* ${text.replaceAll(/[/*]/g, '')} /* ; */ */`),
  fc.constantFrom('a', 'b$c$', '12', '1e5', ',', '(', ')', '[', '{x:String}', '.', '=', '+'),
);
const body = fc.array(fragment, { maxLength: 12 }).map((fragments) => `SELECT ${fragments.join(' ')}`);

describe('a scanned statement', () => {
  it('is one, as long as its semicolons stand in quotes and comments', () => {
    fc.assert(
      fc.property(body, (sql) => {
        expect(scanStatement(sql)).toMatchObject({ end: sql.length, dataStart: undefined });
      }),
    );
  });

  it('may close with a semicolon, and ends there', () => {
    fc.assert(
      fc.property(body, fc.constantFrom(';', '; ', ';;', ';\n-- end', '; /* ; */ '), (sql, closing) => {
        expect(scanStatement(sql + closing).end).toBe(sql.length);
      }),
    );
  });

  it('is refused when another follows, whatever the two are', () => {
    fc.assert(
      fc.property(body, fc.constantFrom(';', ' ; ', ';;', '; /* ; */'), body, (first, between, second) => {
        expect(() => scanStatement(first + between + second)).toThrow(/Multi-statements are not allowed/);
      }),
    );
  });

  it('keeps literals of any text whole', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        for (const quoted of [quoteString(text), quoteIdentifier(text)]) {
          expect([...tokens(`${quoted} x`)].map(({ start, end }) => [start, end])).toEqual([
            [0, quoted.length],
            [quoted.length + 1, quoted.length + 2],
          ]);
        }
      }),
    );
  });

  it('names the position of what is refused', () => {
    expect(() => scanStatement('SELECT 1; DROP TABLE t')).toThrow(
      /^Code: 62\. DB::Exception: .*position 9\. \(SYNTAX_ERROR\)$/,
    );
  });
});

describe('a read', () => {
  test.each([
    ['SELECT 1', "SELECT 1 INTO OUTFILE '../f' TRUNCATE FORMAT TSV"],
    ['SELECT 1;', "SELECT 1 INTO OUTFILE '../f' TRUNCATE FORMAT TSV"],
    ['select 1 format CSV', "select 1 INTO OUTFILE '../f' TRUNCATE format CSV"],
    [
      'SELECT 1 FORMAT CSV SETTINGS max_threads = 1',
      "SELECT 1 INTO OUTFILE '../f' TRUNCATE FORMAT CSV SETTINGS max_threads = 1",
    ],
    ['SELECT 1 SETTINGS max_threads = 1', "SELECT 1 SETTINGS max_threads = 1 INTO OUTFILE '../f' TRUNCATE FORMAT TSV"],
    ['SELECT 1 AS format', "SELECT 1 AS format INTO OUTFILE '../f' TRUNCATE FORMAT TSV"],
    ['SELECT format FROM t', "SELECT format FROM t INTO OUTFILE '../f' TRUNCATE FORMAT TSV"],
    [
      'SELECT {format:String}, (SELECT 1 AS format)',
      "SELECT {format:String}, (SELECT 1 AS format) INTO OUTFILE '../f' TRUNCATE FORMAT TSV",
    ],
    ['(SELECT 1) UNION ALL (SELECT 2)', "(SELECT 1) UNION ALL (SELECT 2) INTO OUTFILE '../f' TRUNCATE FORMAT TSV"],
    ['/* c */ WITH 1 AS x SELECT x', "/* c */ WITH 1 AS x SELECT x INTO OUTFILE '../f' TRUNCATE FORMAT TSV"],
  ])('of %s', (sql, expected) => {
    expect(read(sql)).toBe(expected);
  });

  it('does not disappear in a comment at its end', () => {
    const { outfile } = planStatement('SELECT 1 -- end', 'TSV') as ReadPlan;
    expect(outfile('../f')).toBe("SELECT 1 -- end\nINTO OUTFILE '../f' TRUNCATE FORMAT TSV");
  });

  it('knows its format', () => {
    expect(planStatement('SELECT 1', 'TSV').format).toBe('TSV');
    expect(planStatement('SELECT 1 FORMAT JSONEachRow', 'TSV').format).toBe('JSONEachRow');
  });
});

describe('an insert', () => {
  test.each([
    ['INSERT INTO t FORMAT CSV\n1', "INSERT INTO t FROM INFILE '../f' FORMAT CSV", '\n1'],
    ['INSERT INTO db.t (a, `b;`) FORMAT Native', "INSERT INTO db.t (a, `b;`) FROM INFILE '../f' FORMAT Native", ''],
    ['insert into t values (1)', "insert into t FROM INFILE '../f' FORMAT Values", ' (1)'],
    ['INSERT INTO t FORMAT Values (1)', "INSERT INTO t FROM INFILE '../f' FORMAT Values", ' (1)'],
    ['INSERT INTO db.format VALUES (1)', "INSERT INTO db.format FROM INFILE '../f' FORMAT Values", ' (1)'],
    ['INSERT INTO values VALUES (1)', "INSERT INTO values FROM INFILE '../f' FORMAT Values", ' (1)'],
    ['INSERT INTO db.format FORMAT CSV 1', "INSERT INTO db.format FROM INFILE '../f' FORMAT CSV", ' 1'],
    ['INSERT INTO {t:Identifier} FORMAT CSV 1', "INSERT INTO {t:Identifier} FROM INFILE '../f' FORMAT CSV", ' 1'],
    ['INSERT INTO t SETTINGS a = 1 FORMAT CSV 1', "INSERT INTO t FROM INFILE '../f' SETTINGS a = 1 FORMAT CSV", ' 1'],
    [
      "INSERT INTO t FORMAT CSV SETTINGS a = 1, b = 'x\\''\n1",
      "INSERT INTO t FROM INFILE '../f' SETTINGS a = 1, b = 'x\\'' FORMAT CSV",
      '\n1',
    ],
    ["INSERT INTO t FORMAT CSV\n'; DROP TABLE t", "INSERT INTO t FROM INFILE '../f' FORMAT CSV", "\n'; DROP TABLE t"],
    ['INSERT INTO t -- FORMAT x\nFORMAT CSV 1', "INSERT INTO t -- FORMAT x FROM INFILE '../f' FORMAT CSV", ' 1'],
  ])('of %s', (sql, expected, data) => {
    expect([insert(sql), rows(sql)]).toEqual([expected, data]);
  });

  it('names the compression of its file', () => {
    expect(insert('INSERT INTO t FORMAT CSV', 'gzip')).toBe(
      "INSERT INTO t FROM INFILE '../f' COMPRESSION 'gzip' FORMAT CSV",
    );
  });

  it('from a SELECT is run as it is', () => {
    for (const sql of ['INSERT INTO t SELECT 1', 'INSERT INTO t (SELECT 1)', 'WITH 1 AS x INSERT INTO t SELECT x']) {
      expect(planStatement(sql, 'TSV')).toMatchObject({ kind: 'command', text: sql });
    }
  });

  it('without rows to come from anywhere is refused', () => {
    expect(() => planStatement('INSERT INTO t', 'TSV')).toThrow(/SYNTAX_ERROR/);
    expect(() => planStatement("INSERT INTO t FROM INFILE '/etc/passwd' FORMAT CSV", 'TSV')).toThrow(
      /UNKNOWN_TYPE_OF_QUERY/,
    );
  });

  it('has rows that end with a semicolon at most', () => {
    expect(() => refuseTextAfterRows("(1, ';'), (2, ')'); ", 0)).not.toThrow();
    expect(() => refuseTextAfterRows('(1); DROP TABLE t', 0)).toThrow(/SYNTAX_ERROR/);
  });
});

describe('other statements', () => {
  it('are told apart', () => {
    const kinds = [
      'CREATE TABLE t (a UInt8) ENGINE = Memory',
      'KILL QUERY WHERE 1',
      'KILL MUTATION WHERE 1',
      'SYSTEM FLUSH LOGS',
      'DESCRIBE t',
      'SHOW TABLES',
    ];
    expect(kinds.map((sql) => planStatement(sql, 'TSV').kind)).toEqual([
      'command',
      'kill',
      'command',
      'command',
      'read',
      'read',
    ]);
    expect((planStatement('DROP TABLE t ; -- x', 'TSV') as CommandPlan).text).toBe('DROP TABLE t ');
  });

  it('are refused when they are empty or write files', () => {
    for (const sql of ['', ' \n', '-- nothing', ';']) expect(() => planStatement(sql, 'TSV')).toThrow(/Empty query/);
    expect(() => planStatement("SELECT 1 INTO OUTFILE '/tmp/x'", 'TSV')).toThrow(/INTO_OUTFILE_NOT_ALLOWED/);
  });
});
