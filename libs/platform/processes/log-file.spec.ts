import { appendFileSync, closeSync, mkdtempSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, LogFile } from '.';

let directory: string;
beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'holdfast-log-'))));
afterEach(() => rmSync(directory, { recursive: true, force: true }));

describe('a log file', () => {
  it('is cut while it is written to, and the writer goes on at its new end', () => {
    const log = new LogFile(join(directory, 'deep/x.log'), 8);
    const writer = log.open();
    writeSync(writer, 'first line\n');
    log.limit();
    writeSync(writer, 'second');
    log.limit();
    closeSync(writer);
    expect(readFileSync(log.path, 'utf8')).toBe('second');
    expect(readFileSync(`${log.path}.1`, 'utf8')).toBe('first line\n');
  });

  it('shows its end', () => {
    const log = new LogFile(join(directory, 'x.log'), 1000);
    expect(log.tail()).toBe('');
    appendFileSync(log.path, 'abcdef');
    expect(log.tail(3)).toBe('def');
    expect(log.tail()).toBe('abcdef');
  });
});

describe('a free port', () => {
  it('can be listened on, and is not given twice', async () => {
    const ports = await Promise.all(Array.from({ length: 50 }, () => freePort()));
    expect(new Set(ports).size).toBe(50);
    for (const port of ports) {
      const server = createServer();
      await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
      await new Promise((resolve) => server.close(resolve));
    }
  });
});
