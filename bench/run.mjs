// Installs what only the bench needs, and runs it: npm run bench
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const here = import.meta.dirname;
const stamp = join(here, 'node_modules', '.package-lock.json');

function isInstalled() {
  if (!existsSync(stamp)) return false;
  const wanted = JSON.parse(readFileSync(join(here, 'package-lock.json'), 'utf8')).packages;
  const found = JSON.parse(readFileSync(stamp, 'utf8')).packages;
  return Object.entries(wanted).every(
    ([path, { version, optional }]) => path === '' || found[path]?.version === version || (optional && !found[path]),
  );
}

function install() {
  console.error('Installing what the bench needs (npm ci; about a minute) ...');
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  return (
    spawnSync('npm', args, { cwd: here, stdio: ['ignore', 2, 2], shell: process.platform === 'win32' }).status === 0
  );
}

if (isInstalled() || install()) {
  const args = [join(here, 'start.js'), 'main.ts', ...process.argv.slice(2)];
  const { status } = spawnSync(process.execPath, args, { cwd: here, stdio: 'inherit' });
  process.exitCode = status ?? 1;
} else {
  console.error(
    'npm could not install it; what it said is above. Check that the npm registry can be reached (npm ping).',
  );
  process.exitCode = 1;
}
