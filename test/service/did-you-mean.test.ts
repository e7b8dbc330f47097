import { didYouMean, meant } from '../../src/service/did-you-mean';

const cases = ['salary-E-1001-2026-11', 'salary-E-1009-2026-11', 'salary-E-1012-2026-10'];

test('the nearest known word is meant', () => {
  expect(meant('salary-E-9999-2026-11', cases)).toBe('salary-E-1009-2026-11');
  expect(meant('Aprove', ['approve', 'reject'])).toBe('approve');
});

test('a word that is near to none means none', () => {
  expect(didYouMean('offer-4711', cases)).toBe('');
  expect(didYouMean('x', [])).toBe('');
});

test('a suggestion reads as the end of a sentence', () => {
  expect(`no case x${didYouMean('salary-E-1001-2026-1', cases)}`).toBe(
    'no case x; did you mean salary-E-1001-2026-11?',
  );
});
