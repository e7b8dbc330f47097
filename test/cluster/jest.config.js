const { globalSetup, globalTeardown, ...rest } = require('../../jest.config.js');

/** The test of a cluster alone: it brings its own servers, so none are set up for it. */
module.exports = {
  ...rest,
  rootDir: '../..',
  testMatch: ['<rootDir>/test/cluster/tour.ts'],
  verbose: false,
};
