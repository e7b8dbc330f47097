// Kills the processes it was told of, and not told to forget, when whoever tells it has gone.
'use strict';

const { createInterface } = require('node:readline');

const kept = new Set();
const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => {
  const [word, pid] = line.split(' ');
  if (word === 'keep') kept.add(Number(pid));
  else kept.delete(Number(pid));
});
lines.on('close', () => {
  for (const pid of kept) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      continue;
    }
  }
});
