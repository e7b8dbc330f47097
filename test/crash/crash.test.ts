import { startInstallation, type Installation } from './installation';
import { run } from './runs';

let installation: Installation | undefined;

afterAll(() => installation?.stop({ keepFolder: false }));

/** Each kind of kill once. */
test.each([8, 1, 2, 3, 4, 5, 6, 7])(
  'given parts are killed as seed %i says, then nothing is lost and nothing is done twice',
  async (seed) => {
    installation ??= await startInstallation();
    try {
      await run(installation, seed);
    } catch (error) {
      await installation.stop({ keepFolder: true });
      installation = undefined;
      throw error;
    }
  },
  300_000,
);
