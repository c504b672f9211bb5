import { DomainError } from '@holdfast/kernel';
import { Tries } from './tries';

const refused = new DomainError('unavailable', 'channel_rate_limited', 'not now');
const broken = new DomainError('unavailable', 'channel_unreachable', 'no answer');

/** One try after what those before it left. @returns whether its page was marked, and what it leaves; one that is killed leaves what was there */
function tried(attempt: number, left: number | undefined, ...said: (Error | 'killed')[]) {
  const tries = new Tries(attempt, left);
  const isMarked = tries.mayBeDelivered;
  for (const one of said) if (one !== 'killed') tries.failed(one);
  return { isMarked, left: said.includes('killed') ? left : tries.toLeave };
}

test('a first try is no repeat, and what was told no is none either', () => {
  expect(tried(1, undefined, refused)).toEqual({ isMarked: false, left: 1 });
  expect(tried(2, 1, refused)).toEqual({ isMarked: false, left: 2 });
  expect(tried(3, 2)).toEqual({ isMarked: false, left: 3 });
});

test('what was cut short, or got no answer, may be one', () => {
  expect(tried(2, undefined)).toMatchObject({ isMarked: true });
  expect(tried(1, undefined, broken)).toMatchObject({ left: undefined });
});

test('a try that was killed after one that was told no may have delivered', () => {
  const second = tried(2, 1, 'killed');
  expect(second.left).toBe(1);
  expect(tried(3, second.left)).toMatchObject({ isMarked: true });
});

test('a no does not speak for the tries before it, nor for the destinations beside it', () => {
  expect(tried(2, undefined, refused)).toEqual({ isMarked: true, left: undefined });
  expect(tried(1, undefined, refused, broken)).toMatchObject({ left: undefined });
  const tries = new Tries(1, undefined);
  tries.failed(broken);
  expect(tries.mayBeDelivered).toBe(true); // for the next destination
});
