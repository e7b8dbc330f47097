'use strict';

// Runs the fuzz of maps: node start.js [options] [files], see main.ts. Compiles TypeScript as it is required: workflows run
// in the sandbox of the SDK, which does not stand being run by jest.
const { readFileSync } = require('node:fs');
const { transformSync } = require('@swc/core');

const options = {
  swcrc: false,
  jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
  module: { type: 'commonjs' },
};

require.extensions['.ts'] = (module, filename) => {
  module._compile(transformSync(readFileSync(filename, 'utf8'), { ...options, filename }).code, filename);
};

require('./main.ts');
