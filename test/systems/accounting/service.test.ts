import { createAccountingActivities, type BaseData } from '../../../src/systems/accounting/activities';
import { accounting } from '../../../src/systems/accounting/service';
import { testSystem, type TestedSystem } from '../../support/system';

let system: TestedSystem;
let keys = 0;
const calling = (key = `call-${(keys += 1)}`) => createAccountingActivities(system.client(key));
const put = (path: string, body: object) => system.send('PUT', path, body);
const euros = (amountInCents: number) => ({ amountInCents, currency: 'EUR' });
const monthly = (amountInCents: number, unpaidDays = 0): BaseData => ({
  kind: 'monthly',
  monthlySalary: euros(amountInCents),
  unpaidDays,
});
const month = '2026-11';

beforeAll(async () => {
  system = await testSystem(accounting);
});
afterAll(() => system.stop());
beforeEach(async () => {
  await system.setFaults();
  await system.sql('truncate employees, base_data, idempotent_requests restart identity');
  await put('/employees/E-1005', { fullName: 'Jonas Weber', costCentre: 'CC-300', phone: '+4915550100005' });
  await put('/employees/E-1007', { fullName: 'Anna  Schmidt ', costCentre: 'CC-300', managerId: 'E-1005' });
});

describe('finding an employee', () => {
  const anna = {
    id: 'E-1007',
    fullName: 'Anna Schmidt',
    costCentre: 'CC-300',
    manager: { id: 'E-1005', fullName: 'Jonas Weber', phone: '+4915550100005' },
  };

  test.each([['E-1007'], [' e-1007 '], ['Anna Schmidt'], ['anna   SCHMIDT']])(
    'given %p, then she is found',
    async (employee) => {
      expect(await calling().findEmployee({ employee })).toEqual({ status: 'found', employee: anna });
    },
  );

  test('given somebody who reports to nobody, then there is no manager', async () => {
    expect(await calling().findEmployee({ employee: 'E-1005' })).toEqual({
      status: 'found',
      employee: { id: 'E-1005', fullName: 'Jonas Weber', costCentre: 'CC-300' },
    });
  });

  test('given a decomposed or composed letter, then the name is the same', async () => {
    await put('/employees/E-1003', { fullName: 'Sabine Kru\u0308ger', costCentre: 'CC-200' });

    expect(await calling().findEmployee({ employee: 'SABINE KR\u00dcGER' })).toMatchObject({
      status: 'found',
      employee: { fullName: 'Sabine Kr\u00fcger' },
    });
  });

  test.each([['E-9999'], ['Nobody Known'], ['Anna']])(
    'given %p, whom nobody knows, then the answer says so',
    async (employee) => {
      expect(await calling().findEmployee({ employee })).toEqual({ status: 'unknown' });
    },
  );

  test('given two of one name, then the answer has the candidates', async () => {
    await put('/employees/E-1014', { fullName: 'anna schmidt', costCentre: 'CC-400' });

    expect(await calling().findEmployee({ employee: 'Anna Schmidt' })).toEqual({
      status: 'ambiguous',
      candidates: [
        { id: 'E-1007', fullName: 'Anna Schmidt', costCentre: 'CC-300' },
        { id: 'E-1014', fullName: 'anna schmidt', costCentre: 'CC-400' },
      ],
    });
    expect(await system.send('GET', '/employees?fullName=Anna%20Schmidt')).toMatchObject({
      status: 422,
      body: {
        type: 'urn:problem-type:whereabouts:ambiguous-employee',
        detail: 'Several employees have the full name "Anna Schmidt": E-1007, E-1014. Ask by id.',
      },
    });
  });

  test('over HTTP somebody unknown is a problem', async () => {
    expect(await system.send('GET', '/employees/E-9999')).toMatchObject({
      status: 404,
      body: { type: 'urn:problem-type:whereabouts:unknown-employee', detail: 'No employee has the id E-9999.' },
    });
  });
});

describe('entering an employee', () => {
  test.each([
    ['oneself', 'E-1007', 'must be somebody else'],
    ['somebody unknown', 'E-9999', 'must be an employee already known'],
  ])('given %s as manager, then it is refused', async (_, managerId, message) => {
    const answer = await put('/employees/E-1007', { fullName: 'Anna Schmidt', costCentre: 'CC-300', managerId });

    expect(answer).toMatchObject({
      status: 422,
      body: { errors: [{ field: 'managerId', value: managerId, message }] },
    });
  });

  test('given a change, then it is found by the new name only', async () => {
    await put('/employees/E-1007', { fullName: 'Anna Weber', costCentre: 'CC-300' });

    expect(await calling().findEmployee({ employee: 'Anna Weber' })).toMatchObject({ status: 'found' });
    expect(await calling().findEmployee({ employee: 'Anna Schmidt' })).toEqual({ status: 'unknown' });
  });

  test('given a phone number that is none, then it is refused with its value', async () => {
    const answer = await put('/employees/E-1007', {
      fullName: 'Anna Schmidt',
      costCentre: 'CC-300',
      phone: '0155 501',
    });

    expect(answer.body['errors']).toMatchObject([{ field: 'phone', value: '0155 501' }]);
  });
});

describe('base data', () => {
  const record = (baseData: BaseData, employeeId = 'E-1007') =>
    calling().recordBaseData({ employeeId, month, baseData, enteredBy: 'E-1004' });

  test('given good data, then it is kept with who entered it', async () => {
    const hourly: BaseData = { kind: 'hourly', hours: 151.75, hourlyRate: euros(1_890), unpaidDays: 0 };

    expect(await record(hourly)).toEqual({ status: 'recorded' });
    expect((await system.send('GET', `/employees/E-1007/base-data/${month}`)).body).toMatchObject({
      baseData: hourly,
      enteredBy: 'E-1004',
    });
    expect(await system.sql('select hours_in_hundredths from base_data')).toEqual([{ hours_in_hundredths: 15_175 }]);
  });

  test('given data that breaks rules, then each field and reason is answered, and what was there stays', async () => {
    await record(monthly(465_050));

    expect(await record(monthly(0, 22))).toEqual({
      status: 'refused',
      reasons: [
        { field: 'monthlySalary.amountInCents', message: 'must be 1 to 1000000000 cents' },
        { field: 'unpaidDays', message: 'must be whole days, 0 to the 21 working days of 2026-11' },
      ],
    });
    expect((await system.send('GET', `/employees/E-1007/base-data/${month}`)).body).toMatchObject({
      baseData: monthly(465_050),
    });
  });

  test('given data of the wrong shape, then it is refused with the fields as the person knows them', async () => {
    const entered = { kind: 'monthly', monthlySalary: { amountInCents: 10.5, currency: 'EURO' }, unpaidDays: 0 };

    expect(await record(entered as BaseData)).toEqual({
      status: 'refused',
      reasons: [
        { field: 'monthlySalary.amountInCents', message: 'must be a whole number of cents' },
        { field: 'monthlySalary.currency', message: 'must be an ISO 4217 currency code such as "EUR"' },
      ],
    });
  });

  test('given another currency than in other months, then it is refused; the same month may be corrected', async () => {
    const francs: BaseData = {
      kind: 'monthly',
      monthlySalary: { amountInCents: 500_000, currency: 'CHF' },
      unpaidDays: 0,
    };
    expect(await record(francs)).toEqual({ status: 'recorded' });
    expect(await record(monthly(465_050))).toEqual({ status: 'recorded' });

    const december = calling().recordBaseData({
      employeeId: 'E-1007',
      month: '2026-12',
      baseData: francs,
      enteredBy: 'E-1004',
    });

    expect(await december).toEqual({
      status: 'refused',
      reasons: [
        { field: 'monthlySalary.currency', message: "must be EUR, the currency of the employee's other months" },
      ],
    });
  });

  test('given somebody unknown, then it is a final failure', async () => {
    await expect(record(monthly(465_050), 'E-9999')).rejects.toMatchObject({
      type: 'unknown-employee',
      nonRetryable: true,
    });
  });

  test('given a month that is none, then it is refused before anything is looked up', async () => {
    expect(await system.send('GET', '/employees/E-1007/base-data/2026-13')).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'month', value: '2026-13', message: 'must be a month such as "2026-11"' }] },
    });
  });
});

describe('calculating a base', () => {
  const record = (baseData: BaseData) =>
    calling().recordBaseData({ employeeId: 'E-1007', month, baseData, enteredBy: 'E-1004' });
  const calculate = () => calling().calculateBase({ employeeId: 'E-1007', month });

  test('given base data, then the answer says what it was calculated from', async () => {
    await record(monthly(395_000, 4));

    expect(await calculate()).toEqual({
      status: 'calculated',
      base: euros(319_762),
      baseData: monthly(395_000, 4),
    });
  });

  test('given none, then the answer says so until it is entered', async () => {
    expect(await calculate()).toEqual({ status: 'missing-base-data' });
    await record(monthly(465_050));

    expect(await calculate()).toMatchObject({ status: 'calculated', base: euros(465_050) });
  });

  test('given the data has changed, then the next answer is made of what holds now', async () => {
    await record({ kind: 'hourly', hours: 37.75, hourlyRate: euros(1_550), unpaidDays: 0 });
    await calculate();
    await record(monthly(500_000));

    expect(await calculate()).toMatchObject({ base: euros(500_000), baseData: monthly(500_000) });
  });

  test('given somebody unknown, then it is a final failure', async () => {
    const call = calling().calculateBase({ employeeId: 'E-9999', month });

    await expect(call).rejects.toMatchObject({
      type: 'unknown-employee',
      nonRetryable: true,
      message: 'accounting.calculateBase: No employee has the id E-9999.',
    });
  });

  test('then nothing in the system has changed', async () => {
    await record(monthly(465_050));
    const before = await contents();

    await calculate();

    expect(await contents()).toEqual(before);
  });

  const contents = () =>
    system.sql(
      `select (select jsonb_agg(to_jsonb(b)) from base_data b) as base_data,
         (select count(*) from idempotent_requests) as requests`,
    );
});
