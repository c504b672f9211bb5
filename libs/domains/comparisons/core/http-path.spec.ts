import { leavesItsAddress } from './http-path';

it.each(['../admin', 'a/../../b', '%2e%2e/x', 'a/..%2fb', 'x?all=1', 'x#y', '..\\x', '%', './x'])(
  'refuses %s',
  (path) => {
    expect(leavesItsAddress(path)).toEqual(expect.any(String));
  },
);

it.each(['orders.csv', '/a/b.ndjson', 'a..b/c', 'with%20blank', '//elsewhere.example.org/x'])('takes %s', (path) => {
  expect(leavesItsAddress(path)).toBeUndefined();
});
