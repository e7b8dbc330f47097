import { ServiceError } from '@temporalio/client';
import { CodeFails, Encrypted, NoAnswer, NotRecorded, silenceOf } from '../../../src/kit/client';

const refusedBy = (code: number) => new ServiceError('refused', { cause: Object.assign(new Error(), { code }) });

test.each([
  ['no answer', new NoAnswer('case')],
  ['no answer', refusedBy(14)],
  ['code fails', new CodeFails('case')],
  ['not recorded', new NotRecorded('case', 'unknown query')],
  ['encrypted', new Encrypted('case')],
])('a case is silent for %s', (why, error) => {
  expect(silenceOf(error)).toBe(why);
});

test.each([
  ['the client may not ask', refusedBy(7)],
  ['the server does not know who asks', refusedBy(16)],
  ['something else went wrong', new TypeError('no function')],
])('given %s, then it is not the case that is silent', (_, error) => {
  expect(silenceOf(error)).toBeUndefined();
});
