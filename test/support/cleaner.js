// Cleans up after whoever tells it what to keep, when that one has gone: kills the processes, removes the folders.
'use strict';

const { rmSync } = require('node:fs');
const { createInterface } = require('node:readline');

const kept = new Set();
const folders = new Set();
const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => {
  const [word, ...rest] = line.split(' ');
  const about = rest.join(' ');
  if (word === 'keep') kept.add(Number(about));
  else if (word === 'forget') kept.delete(Number(about));
  else folders.add(about);
});
lines.on('close', () => {
  for (const pid of kept) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      continue;
    }
  }
  for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
});
