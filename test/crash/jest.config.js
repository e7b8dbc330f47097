const { globalSetup, globalTeardown, ...rest } = require('../../jest.config.js');

/** The long crash test alone: it brings its own servers, so none are set up for it. */
module.exports = {
  ...rest,
  rootDir: '../..',
  testMatch: ['<rootDir>/test/crash/many.ts'],
  verbose: false,
};
