// Whether this clone is installed and built. Needs nothing but Node, old ones included: it runs before anything is there.
'use strict';

const { existsSync, readdirSync, statSync } = require('node:fs');
const { join, resolve } = require('node:path');

const root = resolve(__dirname, '..');
const stamp = join(root, 'dist', '.prepared');
const installed = join(root, 'node_modules', '.package-lock.json');

/** Why this Node cannot run Whereabouts; undefined when it can. */
function nodeTooOld() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return undefined;
  return `Whereabouts needs Node 20.19 or newer; this is ${process.versions.node}. Install a newer one from https://nodejs.org.`;
}

/** Whether something was changed since the last time all was prepared. An image without sources is always prepared. */
function isPrepared() {
  const sources = join(root, 'src');
  if (!existsSync(sources)) return true;
  if (!existsSync(stamp) || !existsSync(installed)) return false;
  const preparedAt = statSync(stamp).mtimeMs;
  return ['package-lock.json', 'tsconfig.json', 'tsconfig.build.json']
    .map((name) => join(root, name))
    .concat(sources)
    .every((path) => newestIn(path) <= preparedAt);
}

function newestIn(path) {
  const found = statSync(path);
  if (!found.isDirectory()) return found.mtimeMs;
  return Math.max(found.mtimeMs, ...readdirSync(path).map((name) => newestIn(join(path, name))));
}

module.exports = { installed, isPrepared, nodeTooOld, root, stamp };
