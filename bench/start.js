'use strict';

// Runs a TypeScript file of this folder: node start.js <file> ... The compiler is loaded into this thread alone, and
// source maps stay off, so that workers cost what they cost anywhere.
require('tsx/cjs/api').register();
process.setSourceMapsEnabled(false);
require(`./${process.argv[2]}`);
