const { globalSetup, globalTeardown, ...rest } = require('../../jest.config.js');

/** The long crash tests alone: they bring their own servers, so none are set up for them. */
module.exports = {
  ...rest,
  rootDir: '../..',
  testMatch: ['<rootDir>/test/crash/many*.ts'],
  verbose: false,
};
