import { DocumentError, membersIn } from './yaml-members';

const of = (text: string, ...names: string[]): (string | null)[] => {
  const members = membersIn(text, names);
  return names.map((name) => members[name]!);
};

describe('members of a document', () => {
  it('are what its aliases stand for', () => {
    expect(of('base: &img shop:1.10\nimage: *img\nlist: &l [*img, 1]\nagain: *l\n', 'image', 'again')).toEqual([
      'shop:1.10',
      '["shop:1.10",1]',
    ]);
    expect(of('a: &n ~\nb: *n\n', 'b', 'c')).toEqual([null, null]);
  });

  it('are those that are merged, too; its own go first, then what is merged first', () => {
    const text = 'x: &x {image: a, port: 1, host: h}\ny: &y {image: b, tls: yes}\n<<: [*x, *y]\nport: 02\n';
    expect(of(text, 'image', 'port', 'host', 'tls')).toEqual(['a', '02', 'h', 'yes']);
    expect(of('b: &b {v: 1.0}\nm: {<<: *b, w: 2}\n', 'm')).toEqual(['{"w":2,"v":1.0}']);
    expect(of('"<<": 1\n', '<<')).toEqual(['1']);
  });

  it('keep the words of their numbers, also inside of lists', () => {
    expect(of('{"ids": [12345678901234567890, 1.10, 1e400, -0], "n": 1.10}', 'ids', 'n')).toEqual([
      '[12345678901234567890,1.10,1e400,-0]',
      '1.10',
    ]);
    expect(of('v: [0x1F, 007, .inf, "1", true, ~, 2026-01-01]\n1: one\n', 'v', '1')).toEqual([
      '["0x1F","007",".inf","1",true,null,"2026-01-01"]',
      'one',
    ]);
  });

  it('are refused where aliases lead in circles, to nothing, or stand for too much', () => {
    expect(() => of('a: &a [*a]\n', 'a')).toThrow(DocumentError);
    expect(() => of('a: &a\n  <<: *a\n', 'a')).toThrow(DocumentError);
    expect(() => of('a: *b\n', 'a')).toThrow(DocumentError);
    expect(() => of('a: 1\n<<: 2\n', 'a')).toThrow('merges what is no mapping');
    const bomb = 'a: &a0 [x,x,x,x,x,x,x,x,x,x]\n'.concat(
      ...Array.from({ length: 9 }, (_, at) => `b${at}: &a${at + 1} [${`*a${at},`.repeat(10)}]\n`),
    );
    expect(() => of(bomb, 'b8')).toThrow(DocumentError);
  });
});
