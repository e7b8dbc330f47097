import picocolors from 'picocolors';
import { renderTour } from '../../../src/cli/render/tour';
import type { Style } from '../../../src/cli/render/style';
import type { Check } from '../../../src/platform/tour-check';

const style: Style = { now: new Date(), colors: picocolors.createColors(false) };

const right: Check[] = [
  { about: 'E-1001', what: 'outcome of the case', expected: 'paid', found: 'paid' },
  { about: 'E-1001', what: 'total booked', expected: '10.00 EUR', found: '10.00 EUR' },
  { about: 'SMS 1', what: 'text', expected: 'all clear', found: 'all clear' },
];

test('an employee is a row, all the rest a line each', () => {
  const text = renderTour(right, style);
  expect(text).toMatch(/E-1001 +✓ paid +✓ 10\.00 EUR/);
  expect(text).toContain('SMS 1: ✓ all clear');
  expect(text).toContain('All 3 figures are as expected.');
});

test('what differs is told with what was expected', () => {
  const wrong = { about: 'E-1002', what: 'total booked', expected: '10.00 EUR', found: 'none' };
  const text = renderTour([...right, { ...wrong, what: 'outcome of the case' }, wrong], style);
  expect(text).toContain('✗ none, expected 10.00 EUR');
  expect(text).toContain('2 of 5 figures differ from what is expected.');
});
