'use strict';

const restate = require('@restatedev/restate-sdk');
const { connect: connectTo } = require('@restatedev/restate-sdk-clients');
const { approval, requirePaid, salaryInput, systems } = require('../flows/systems');

const step = (context, name, input) => context.run(name, () => systems[name](input));

const salary = restate.workflow({
  name: 'salary',
  handlers: {
    async run(context, { employee, month }) {
      const person = await step(context, 'accounting.findEmployee', { employee });
      const [base, bonus] = await restate.RestatePromise.all([
        step(context, 'accounting.calculateBase', { employeeId: person.id, month }),
        step(context, 'bonus.calculateBonus', { employeeId: person.id, month }),
      ]);
      const { decision, by } = await context.promise('decision');
      const { bookingId } = await step(context, 'payroll.bookSalary', {
        employeeId: person.id,
        month,
        baseInCents: base.amountInCents,
        bonusInCents: decision === 'approve' ? bonus.amountInCents : 0,
        approvedBy: by,
      });
      return { outcome: 'paid', bookingId };
    },
    decide: restate.handlers.workflow.shared((context, decision) => context.promise('decision').resolve(decision)),
  },
});

/** The service, registered at the Restate server. */
async function serve({ port, admin }) {
  await restate.serve({
    services: [salary],
    port,
    logger: ({ level }, ...words) => level === 'error' && console.error(...words),
  });
  const response = await fetch(`${admin}/deployments`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ uri: `http://127.0.0.1:${port}` }),
  });
  if (!response.ok) throw new Error(`Restate refuses the service: ${response.status} ${await response.text()}`);
  return { stop: () => Promise.resolve() };
}

function connect({ ingress }) {
  const client = connectTo({ url: ingress });
  return Promise.resolve({
    async run(id) {
      const flow = client.workflowClient(salary, id);
      const submitted = await flow.workflowSubmit(salaryInput);
      await flow.decide(approval);
      requirePaid(await client.result(submitted));
    },
    close: () => Promise.resolve(),
  });
}

module.exports = { serve, connect };
