import { startInstallation, type Installation } from './installation';
import { run } from './runs';

let installation: Installation;
let failed = false;

beforeAll(async () => {
  installation = await startInstallation();
});

afterAll(async () => {
  await installation.stop({ keepFolder: failed });
});

/** Each kind of kill once. */
test.each([8, 1, 2, 3, 4, 5, 6, 7])(
  'nothing is lost and nothing done twice when parts are killed: seed %i',
  async (seed) => {
    failed = true;
    await run(installation, seed);
    failed = false;
  },
  300_000,
);
