import { Validator } from '@cfworker/json-schema';
import { achievementForm, baseDataForm } from '../../../src/processes/salary/forms';

test.each([
  ['base data', baseDataForm],
  ['achievement', achievementForm],
])('the example of the form for %s fits the form', (_, form) => {
  const schema: object = form;
  const validator = new Validator(schema, '2020-12');
  expect(form.examples.map((example) => validator.validate(example).errors)).toEqual([[]]);
});
