import { UsageError } from '../exit';
import { addressOf } from './address';

describe('the address of', () => {
  it('a repository has a ref, and what else is asked of it', () => {
    expect(
      addressOf('git:/srv/config.git?ref=v1&folder=deploy&pattern=*.yaml&members=name,%20version', 'source'),
    ).toEqual({
      dataSet: {
        kind: 'git',
        connection: 'source',
        ref: 'v1',
        folder: 'deploy',
        pattern: '*.yaml',
        members: ['name', 'version'],
      },
      connection: { kind: 'git', repository: '/srv/config.git' },
    });
    expect(addressOf('git:/srv/config.git', 'source').dataSet).toEqual({
      kind: 'git',
      connection: 'source',
      ref: 'HEAD',
    });
  });

  it('an archive is a path of this machine', () => {
    expect(addressOf('archive:/old/2025?manifest=/old/m.json', 'target')).toEqual({
      dataSet: { kind: 'archive', connection: 'target', path: 'old/2025', manifest: 'old/m.json' },
      connection: { kind: 'file', folder: '/' },
    });
  });

  it('a profile is that of its table', () => {
    const { dataSet, connection } = addressOf(
      'profile+postgresql://u@h/db/s.t?columns=a,b&distinct=7&tls=verify',
      'source',
      {
        HOLDFAST_DIFF_PASSWORD_SOURCE: 'secret',
      },
    );
    expect(dataSet).toEqual({
      ...{ kind: 'profile', store: 'postgresql', connection: 'source', schema: 's', table: 't' },
      ...{ columns: ['a', 'b'], distinctUpTo: 7 },
    });
    expect(connection).toEqual({
      kind: 'postgresql',
      host: 'h',
      user: 'u',
      database: 'db',
      password: 'secret',
      tls: 'verify',
    });
  });

  it.each([
    'git:',
    'git:/srv/x?reff=main',
    'archive:?manifest=x',
    'profile+https://h/x',
    'profile+file:a.csv',
    'profile+postgresql://',
    'profile+postgresql://u:p@h/db/t',
  ])('none is %s', (text) => expect(() => addressOf(text, 'source', {})).toThrow(UsageError));
});
