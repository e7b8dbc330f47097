import { ActivityFailure, ApplicationFailure, RetryState, TimeoutFailure, TimeoutType } from '@temporalio/common';
import { describeError, refusalBySchema } from '../../../src/kit/workflow/errors';

test('given a failure in very many words, then no more than 500 characters of them are kept', () => {
  const page = 'x'.repeat(100_000);

  const failures = [ApplicationFailure.create({ message: page, type: 'gone' }), new Error(page), page];

  for (const failure of failures) expect(describeError(failure).message).toBe(`${'x'.repeat(499)}…`);
});

describe('what is wrong with data', () => {
  const days = { type: 'integer', minimum: 0, maximum: 23 };
  const money = {
    type: 'object',
    properties: { amountInCents: { type: 'integer', minimum: 0 }, currency: { type: 'string', pattern: '^[A-Z]{3}$' } },
    required: ['amountInCents', 'currency'],
    additionalProperties: false,
  };
  const baseData = {
    oneOf: [
      {
        type: 'object',
        properties: { kind: { const: 'monthly' }, monthlySalary: money, days },
        required: ['kind', 'monthlySalary', 'days'],
        additionalProperties: false,
      },
      {
        type: 'object',
        properties: { kind: { const: 'hourly' }, hours: { type: 'number', maximum: 744 }, days },
        required: ['kind', 'hours', 'days'],
        additionalProperties: false,
      },
    ],
  };
  const monthlySalary = { amountInCents: 300_000, currency: 'EUR' };

  test('given data that matches, then nothing', () => {
    expect(refusalBySchema('data', baseData, { kind: 'monthly', monthlySalary, days: 0 })).toBeUndefined();
  });

  test.each([
    [
      'a part of it is wrong',
      { kind: 'monthly', monthlySalary: { amountInCents: -1, currency: 'EUR' }, days: 0 },
      'data.monthlySalary.amountInCents: -1 is less than 0.',
    ],
    [
      'the variant meant is the second',
      { kind: 'hourly', hours: 800, days: 0 },
      'data.hours: 800 is greater than 744.',
    ],
    ['a field of the variant meant is missing', { kind: 'monthly', days: 0 }, 'data.monthlySalary: is missing'],
    [
      'a field belongs to the other variant',
      { kind: 'monthly', monthlySalary, days: 0, hours: 160 },
      'data.hours: is not asked for',
    ],
    ['it is no variant', { kind: 'daily', days: 0 }, 'data.kind: must be "monthly" or "hourly"'],
    ['it is nothing', undefined, 'data: is missing'],
  ])('given %s, then that is named', (_, data, message) => {
    expect(refusalBySchema('data', baseData, data)).toEqual({
      code: 'invalid-data',
      field: message.slice(0, message.indexOf(':')),
      message,
    });
  });

  test('given a schema without variants, then the field is named as well', () => {
    const schema = { type: 'object', properties: { days }, required: ['days'] };

    expect(refusalBySchema('result', schema, { days: 24 })?.message).toBe('result.days: 24 is greater than 23.');
    expect(refusalBySchema('result', schema, {})?.message).toBe('result.days: is missing');
  });
});

describe('an error in words', () => {
  test('given a failure of a system within the wrappers of Temporal, then type and message are those of the system', () => {
    const cause = ApplicationFailure.nonRetryable('the month is closed', 'rule-broken');
    const wrapped = new ActivityFailure(
      'Activity task failed',
      'ledger.book',
      '1',
      RetryState.NON_RETRYABLE_FAILURE,
      'w',
      cause,
    );

    expect(describeError(wrapped)).toEqual({ type: 'rule-broken', message: 'the month is closed' });
  });

  test('given a call that took too long, then the type says so', () => {
    const cause = new TimeoutFailure('activity StartToClose timeout', undefined, TimeoutType.START_TO_CLOSE);
    const wrapped = new ActivityFailure('Activity task timed out', 'ledger.book', '1', RetryState.TIMEOUT, 'w', cause);

    expect(describeError(wrapped)).toEqual({
      type: 'Timeout (START_TO_CLOSE)',
      message: 'activity StartToClose timeout',
    });
  });

  test('given anything else that was thrown, then it is described as far as it goes', () => {
    expect(describeError(new RangeError('too far'))).toEqual({ type: 'RangeError', message: 'too far' });
    expect(describeError(ApplicationFailure.create({ message: 'no type' }))).toEqual({
      type: 'Error',
      message: 'no type',
    });
    expect(describeError('just text')).toEqual({ type: 'Error', message: 'just text' });
  });
});
