// Installs and builds this clone when that is needed: node scripts/prepare.mjs
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import prepared from '../bin/prepared.js';

const { installed, isPrepared, nodeTooOld, root, stamp } = prepared;

function say(line) {
  process.stderr.write(`${line}\n`);
}

function giveUp(...lines) {
  lines.forEach(say);
  process.exitCode = 1;
  return false;
}

/** Runs a program of Node with its output on our standard error, so that standard output stays the command's own. */
function runNode(...args) {
  return spawnSync(process.execPath, args, { cwd: root, stdio: ['inherit', 2, 2] }).status === 0;
}

function runNpm(...args) {
  const npm = process.env.npm_execpath;
  if (npm !== undefined && basename(npm).startsWith('npm')) return runNode(npm, ...args);
  const shell = process.platform === 'win32';
  return spawnSync('npm', args, { cwd: root, stdio: ['inherit', 2, 2], shell }).status === 0;
}

/** Whether node_modules holds what package-lock.json says, packages for other platforms aside. */
function isInstalled() {
  if (!existsSync(installed)) return false;
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  const found = JSON.parse(readFileSync(installed, 'utf8')).packages;
  return Object.entries(wanted).every(
    ([path, { version, optional }]) => path === '' || found[path]?.version === version || (optional && !found[path]),
  );
}

function install() {
  if (isInstalled()) return true;
  say('Installing packages (npm ci; about a minute) ...');
  return (
    runNpm('ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error') ||
    giveUp(
      'npm could not install the packages; what it said is above.',
      'Check that the npm registry can be reached (npm ping) and that the disk is not full, and try again.',
    )
  );
}

function build() {
  say('Building ...');
  const begun = new Date();
  const built =
    runNode(join('node_modules', '@typescript', 'native', 'bin', 'tsc'), '-p', 'tsconfig.build.json') &&
    runNode(join('dist', 'platform', 'build-bundle.js')) &&
    runNode(join('dist', 'platform', 'build-maps.js'));
  if (!built) return giveUp('The build failed; what is wrong in the sources is above.');
  writeFileSync(stamp, '');
  utimesSync(stamp, begun, begun);
  return true;
}

/** One at a time: two commands may find at once that something is to be built. */
async function alone(work) {
  const lock = join(tmpdir(), `whereabouts-prepare-${createHash('sha256').update(root).digest('hex').slice(0, 16)}`);
  for (;;) {
    try {
      mkdirSync(lock);
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      if (isAbandoned(lock)) rmSync(lock, { recursive: true, force: true });
      else await sleep(200);
    }
  }
  const holder = join(lock, 'pid');
  writeFileSync(holder, String(process.pid));
  const letGo = () => rmSync(lock, { recursive: true, force: true });
  process.once('exit', letGo);
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130));
  work();
}

function isAbandoned(lock) {
  try {
    process.kill(Number(readFileSync(join(lock, 'pid'), 'utf8')), 0);
    return false;
  } catch (error) {
    return error.code === 'ESRCH' || (error.code === 'ENOENT' && Date.now() - madeAt(lock) > 10_000);
  }
}

function madeAt(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
}

const tooOld = nodeTooOld();
if (tooOld !== undefined) giveUp(tooOld);
else if (!isPrepared()) await alone(() => isPrepared() || (install() && build()));
