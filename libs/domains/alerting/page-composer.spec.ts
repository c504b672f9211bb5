import { linkTo } from './page-composer';

it.each([
  ['https://holdfast.example', 'https://holdfast.example/v1/alerts/a-1'],
  ['https://ops.example/holdfast', 'https://ops.example/holdfast/v1/alerts/a-1'],
  ['https://ops.example/holdfast/', 'https://ops.example/holdfast/v1/alerts/a-1'],
])('an alert at %s is linked to as %s', (publicUrl, link) => {
  expect(linkTo(publicUrl, 'a-1')).toBe(link);
});
