'use strict';

const { createServer } = require('node:http');
const { DBOS } = require('@dbos-inc/dbos-sdk');
const { approval, requirePaid, salaryInput, systems } = require('../flows/systems');

const step = (name, input) => DBOS.runStep(() => Promise.resolve(systems[name](input)), { name });

async function pay({ employee, month }) {
  const person = await step('accounting.findEmployee', { employee });
  const [base, bonus] = await Promise.all([
    step('accounting.calculateBase', { employeeId: person.id, month }),
    step('bonus.calculateBonus', { employeeId: person.id, month }),
  ]);
  const { decision, by } = await DBOS.recv('decide', 3600);
  const { bookingId } = await step('payroll.bookSalary', {
    employeeId: person.id,
    month,
    baseInCents: base.amountInCents,
    bonusInCents: decision === 'approve' ? bonus.amountInCents : 0,
    approvedBy: by,
  });
  return { outcome: 'paid', bookingId };
}

// The library queries in a way that its own driver calls deprecated.
process.noDeprecation = true;

/** The application: DBOS runs in it, and it takes requests over HTTP as one of DBOS does. */
async function serve({ databaseUrl, port }) {
  const salary = DBOS.registerWorkflow(pay, { name: 'salary' });
  DBOS.setConfig({ name: 'bench', systemDatabaseUrl: databaseUrl, systemDatabasePoolSize: 20, logLevel: 'error' });
  await DBOS.launch();

  async function start(workflowID) {
    const handle = await DBOS.startWorkflow(salary, { workflowID })(salaryInput);
    await DBOS.send(workflowID, approval, 'decide');
    return handle.getResult();
  }
  const server = createServer((request, response) => {
    start(request.url.slice(1)).then(
      (result) => response.end(JSON.stringify(result)),
      (error) => response.writeHead(500).end(String(error)),
    );
  });
  await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    async stop() {
      server.close();
      await DBOS.shutdown();
    },
  };
}

function connect({ port }) {
  return Promise.resolve({
    async run(id) {
      const response = await fetch(`http://127.0.0.1:${port}/${id}`, { method: 'POST' });
      if (!response.ok) throw new Error(`DBOS answered ${response.status}: ${await response.text()}`);
      requirePaid(await response.json());
    },
    close: () => Promise.resolve(),
  });
}

module.exports = { serve, connect };
