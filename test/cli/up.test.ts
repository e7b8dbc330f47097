import { execFileSync, spawn } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startCommand, type RunningCommand } from '../support/command';
import { program, whereabouts } from './cli';

// The tests start everything several times.
jest.setTimeout(240_000);

let folder: string;
let running: RunningCommand | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'whereabouts-interrupted-'));
  await chmod(folder, 0o755);
});

afterEach(async () => {
  await running?.stop('SIGTERM');
  await rm(folder, { recursive: true, force: true });
});

/** Starts `up` and waits until it has said something. */
async function up(words: string, ...args: string[]): Promise<RunningCommand> {
  const command = startCommand(['up', '--data-dir', folder, ...args], {
    TEMPORAL_CLI: process.env['TEST_TEMPORAL_CLI'] ?? '',
  });
  running = command;
  let ended = false;
  void command.ended.then(() => (ended = true));
  while (!command.output().includes(words)) {
    if (ended) throw new Error(`up ended: ${command.output()}`);
    await sleep(50);
  }
  return command;
}

function processesLeft(): string[] {
  const lines = execFileSync('ps', ['-e', '-o', 'args='], { encoding: 'utf8' }).split('\n');
  return lines.filter((line) => line.includes(folder));
}

test('interrupted by Ctrl-C commands find it until it stops in order, and it says where state is kept', async () => {
  const first = await up('Everything runs.', '--example');
  expect(processesLeft()).not.toEqual([]);
  const { stdout } = await whereabouts(['list', '--json', '--data-dir', folder]);
  expect((JSON.parse(stdout) as { cases: object[] }).cases).toHaveLength(16);

  expect(await first.stop('SIGINT')).toBe(0);

  expect(first.output()).toMatch(
    new RegExp(`Ctrl-C stops it; state is kept\\.\nStopping; state is kept in ${folder}\\.\n$`),
  );
  expect(processesLeft()).toEqual([]);
});

test('ended with the npm script that it runs in, since npm hands no signal on', async () => {
  const script = spawn('sh', ['-c', `"${process.execPath}" "${program}" up --data-dir "${folder}"; exit`], {
    env: { PATH: process.env['PATH'], TEMPORAL_CLI: process.env['TEST_TEMPORAL_CLI'], npm_lifecycle_event: 'start' },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let output = '';
  script.stdout.on('data', (text: Buffer) => (output += text.toString()));
  while (!output.includes('Everything runs.')) await sleep(50);

  script.kill('SIGKILL');

  while (processesLeft().length > 0) await sleep(100);
});

test.each(['Postgres', 'Systems', 'Cases of'])(
  'interrupted at the start, when it comes to %s, it leaves no process',
  async (stage) => {
    const first = await up(stage, '--example');

    expect(await first.stop('SIGINT')).toBe(0);

    expect(first.output()).toContain(`Stopping; state is kept in ${folder}.`);
    expect(first.output()).not.toContain('Everything runs.');
    expect(processesLeft()).toEqual([]);
  },
);
