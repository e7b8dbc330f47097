import { salary } from '../../../src/processes/salary/workflow';

test('a client may import a workflow, to start it by its function', () => {
  expect(salary.name).toBe('salary');
});
