import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { buildProgram } from '../../src/cli/program';
import { whereabouts } from './cli';

const program = buildProgram('0', () => undefined);

test.each(program.commands.map((command) => command.name()))('%s --help shows an example and takes --json', (name) => {
  let help = '';
  const command = program.commands.find((candidate) => candidate.name() === name);
  command?.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
  expect(help).toContain(`Example:\n  npx whereabouts ${name}`);
  expect(help).toContain('--json');
});

test('start --help names the fields of each process', async () => {
  const { code, stdout } = await whereabouts(['start', '--help']);
  expect(code).toBe(0);
  expect(stdout).toMatch(/salary +--employee <employee> --month <month>/);
});

describe('wrong use ends with 2 and says how it is right', () => {
  test.each([
    [['wher', 'x'], 'Did you mean where?'],
    [['where'], "missing required argument 'case'"],
    [['list', '--stats', 'x'], 'Did you mean --status?'],
    [['list', '--status', 'wating'], 'did you mean waiting?'],
    [['list', '--older-than', 'long'], 'no duration'],
    [['cancel', 'x', '--by', 'E-1'], "required option '--reason <text>' not specified"],
    [['decide', 'x', 'y', 'z'], 'Add --by <person>, or set WHEREABOUTS_USER.'],
    [['decide', 'x', 'y', 'z', '--by', 'E-1', '--data', '{'], 'is not JSON'],
    [['decide', 'x', 'y', 'z', '--by', 'E-1', '--data', '@none.json'], 'cannot be read'],
    [['resolve', 'x', 'y', 'retri', '--reason', 'r', '--by', 'E-1'], 'did you mean retry?'],
    [['resolve', 'x', 'y', 'replace', '--reason', 'r', '--by', 'E-1'], 'Add --result'],
    [['start', 'salary', '--emploee', 'E-1', '--by', 'E-1'], 'salary has no field emploee; did you mean employee?'],
    [['start', 'salary', '--employee', '--by', 'E-1'], "Option '--employee <value>' argument missing"],
    [['start', 'salry', '--by', 'E-1'], 'did you mean salary?'],
    [['system', 'bonnus'], 'There is no system bonnus; did you mean bonus?'],
    [['system', 'x'], 'There is no system x; there is accounting, bonus, payroll, notifications'],
    [['messages', '--limit', 'all'], '--limit all'],
    [['up', '--port-base', '99999'], '--port-base 99999'],
  ])('%j', async (words, hint) => {
    const { code, stdout, stderr } = await whereabouts(words);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(hint);
  });
});

describe('nothing runs here', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'whereabouts-none-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  test.each([[['list']], [['where', 'x']], [['messages']], [['worker']]])('%j says so', async (words) => {
    const { code, stderr } = await whereabouts([...words, '--data-dir', folder]);
    expect(code).toBe(1);
    expect(stderr).toBe(
      'Whereabouts is not running here.\nStart it with npm start in its clone, or set TEMPORAL_ADDRESS to your Temporal server, e.g. localhost:7233.\n',
    );
  });

  test('a server that does not answer is named', async () => {
    const { code, stderr } = await whereabouts(['list'], { TEMPORAL_ADDRESS: '127.0.0.1:1' });
    expect(code).toBe(1);
    expect(stderr).toContain('No Temporal server answers at 127.0.0.1:1');
  });

  test('what goes to a file has no colours, on a build machine either', async () => {
    const { stderr } = await whereabouts(['list', '--data-dir', folder], { CI: 'true' });
    expect(stderr).toBe(stripVTControlCharacters(stderr));
  });

  test('setup has to be told a server', async () => {
    expect((await whereabouts(['setup'])).stderr).toContain('Set TEMPORAL_ADDRESS');
  });
});
