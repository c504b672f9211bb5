import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfiguration, readVariables } from './configuration';
import { allVariables, engineVariables } from './variables';

describe('variables of the environment', () => {
  it('that are empty count as not set', () => {
    const empty = Object.fromEntries(
      Object.keys(allVariables).flatMap((name) => [
        [name, ''],
        [`${name}_FILE`, ''],
      ]),
    );
    expect(readConfiguration(empty)).toEqual(readConfiguration({}));
    expect(readConfiguration({ PORT: '' }).PORT).toBe(3000);
    expect(readVariables(engineVariables, empty)).toEqual(readVariables(engineVariables, {}));
  });

  it('are checked alike by every process, and named when they are wrong', () => {
    expect(() => readVariables(engineVariables, { CLICKHOUSE_MAX_SPOOL_BYTES: '12' })).toThrow(
      /CLICKHOUSE_MAX_SPOOL_BYTES/,
    );
    expect(() => readConfiguration({ PORT: 'canary', LOG_LEVEL: 'loud' })).toThrow(/PORT: [^]*LOG_LEVEL: /);
    expect(() => readConfiguration({ PORT: 'canary' })).not.toThrow(/canary/);
  });

  it('that hold addresses and secrets of channels name each, with one secret or two', () => {
    const addresses = (text: string) =>
      readConfiguration({ HOLDFAST_CHANNEL_ADDRESSES: text }).HOLDFAST_CHANNEL_ADDRESSES;
    const secrets = (text: string) => readConfiguration({ HOLDFAST_CHANNEL_SECRETS: text }).HOLDFAST_CHANNEL_SECRETS;
    expect([...addresses('a=https://x/y?b=c,m=smtp://mail:25?starttls=off')]).toEqual([
      ['a', 'https://x/y?b=c'],
      ['m', 'smtp://mail:25?starttls=off'],
    ]);
    expect([...secrets('a=user:pass=,b=new|old')]).toEqual([
      ['a', 'user:pass='],
      ['b', 'new|old'],
    ]);
    for (const wrong of ['canary', 'a=canary', 'a=ftp://canary', 'a=file:///canary'])
      expect(() => addresses(wrong)).toThrow(/^(?![^]*canary)[^]*HOLDFAST_CHANNEL_ADDRESSES: must be/);
    for (const wrong of ['canary', 'a=canary|', 'a=canary|b|c', 'a=canary| b'])
      expect(() => secrets(wrong)).toThrow(/^(?![^]*canary)[^]*HOLDFAST_CHANNEL_SECRETS: must be/);
  });

  it('that hold keys for tokens name each once, with 32 bytes', () => {
    const key = (fill: number): string => Buffer.alloc(32, fill).toString('base64');
    const read = (text: string) => readConfiguration({ HOLDFAST_TOKEN_KEYS: text }).HOLDFAST_TOKEN_KEYS;
    expect([...read(`old=${key(1)},new=${key(2).replace('=', '')}`)]).toEqual([
      ['old', Buffer.alloc(32, 1)],
      ['new', Buffer.alloc(32, 2)],
    ]);
    for (const wrong of [key(1), `a=${key(1).slice(4)}`, `a=${key(1)},a=${key(2)}`, 'a=canary', `=${key(1)}`]) {
      expect(() => read(wrong)).toThrow(/HOLDFAST_TOKEN_KEYS: must be/);
      expect(() => read(wrong)).not.toThrow(/canary/);
    }
  });

  it('that are secret may be in a file', () => {
    const folder = mkdtempSync(join(tmpdir(), 'holdfast-configuration-'));
    const file = join(folder, 'password');
    writeFileSync(file, 'secret\n');
    try {
      expect(readVariables(engineVariables, { CLICKHOUSE_PASSWORD_FILE: file }).CLICKHOUSE_PASSWORD).toBe('secret');
      expect(() => readConfiguration({ CLICKHOUSE_PASSWORD_FILE: file, CLICKHOUSE_PASSWORD: 'x' })).toThrow('not both');
      expect(() => readConfiguration({ CLICKHOUSE_PASSWORD_FILE: join(folder, 'none') })).toThrow('cannot be read');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
