const { default: Sequencer } = require('@jest/test-sequencer');

/** What takes longest, so that nothing is left to run alone at the end. */
const longest = ['test/crash/', 'test/cli/', 'test/foreign/', 'test/platform/', 'test/kit/client'];

/** Begins with the longest tests; jest knows of durations only what it measured in earlier runs. */
module.exports = class LongestFirst extends Sequencer {
  sort(tests) {
    const rank = ({ path }) => {
      const found = longest.findIndex((folder) => path.includes(folder));
      return found < 0 ? longest.length : found;
    };
    return super.sort(tests).toSorted((one, other) => rank(one) - rank(other));
  }
};
