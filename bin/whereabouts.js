#!/usr/bin/env node
'use strict';

const { spawnSync } = require('node:child_process');
const { join } = require('node:path');
const { isPrepared, nodeTooOld, root } = require('./prepared.js');

const tooOld = nodeTooOld();
if (tooOld !== undefined) {
  console.error(tooOld);
  process.exit(1);
}
if (!isPrepared()) {
  const { status } = spawnSync(process.execPath, [join(root, 'scripts', 'prepare.mjs')], { stdio: ['inherit', 2, 2] });
  if (status !== 0) process.exit(1);
}
require('../dist/cli/main.js');
