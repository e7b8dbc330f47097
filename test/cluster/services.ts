import { join } from 'node:path';
import { systemNames } from '../../src/platform/systems';
import { composeFile, root } from '../compose/compose-file';

/** Variables of the Temporal server for ports that are its own in a container, and may be taken here. */
const temporalPorts = [
  'FRONTEND_HTTP_PORT',
  'FRONTEND_MEMBERSHIP_PORT',
  ...['MATCHING', 'HISTORY', 'WORKER'].flatMap((role) => [`${role}_GRPC_PORT`, `${role}_MEMBERSHIP_PORT`]),
];

/** Everything that needs a port. */
export const listeners = ['postgres', 'temporal', ...systemNames, 'api', ...temporalPorts];

/** Where on this machine is what the compose file names. */
export interface Places {
  /** Port of 127.0.0.1 for each of {@link listeners}. */
  ports: Record<string, number>;
  /** Folder of the programs that Temporal's images hold. */
  programs: string;
  /** Variables of the compose file. */
  variables: Record<string, string>;
}

/** A service of docker-compose.yml as it runs on this machine. */
export interface ServiceHere {
  image: string;
  /** Program and arguments, as its container runs them. */
  command: string[];
  /** As in the compose file, with hosts, ports and mounted files replaced by those of this machine. */
  environment: Record<string, string>;
  /** Program and arguments that end well when it is healthy; the image of Temporal's server has one that machines lack. */
  healthCheck?: string[];
  dependsOn: string[];
  /** Whether others wait for its end. */
  runsToEnd: boolean;
  /** The files it is given: where each is here, and where it finds it. */
  mounts: { here: string; inside: string }[];
}

/** A service of docker-compose.yml; throws when there is none of this name. */
export function serviceHere(name: string, places: Places): ServiceHere {
  const { services } = composeFile(places.variables);
  const service = services[name];
  if (!service) throw new Error(`docker-compose.yml has no service ${name}`);
  const { image, command = [], environment = {}, healthcheck, volumes = [], depends_on: dependsOn = {} } = service;
  const mounts = volumes
    .map((volume) => volume.split(':'))
    .flatMap(([here = '', inside = '']) => (here.startsWith('.') ? [{ here: join(root, here), inside }] : []));
  const mounted = (path: string) => mounts.find(({ inside }) => inside === path)?.here ?? path;
  const values = Object.entries(environment).map(([variable, value]) => [
    variable,
    mounted(valueHere(name, variable, String(value), places)),
  ]);
  const check = healthcheck?.test.slice(1).map((word) => word.replace(':8080', `:${places.ports[name]}`));
  return {
    image,
    command: commandIn(image, command.map(mounted)),
    environment: {
      PATH: `${places.programs}:${process.env['PATH']}`,
      ...(image.startsWith(serverImage) && portsOfTemporal(places)),
      ...(Object.fromEntries(values) as Record<string, string>),
    },
    ...(check && image === ownImage && { healthCheck: check }),
    dependsOn: Object.keys(dependsOn),
    runsToEnd: Object.values(services).some(
      ({ depends_on: needed = {} }) => needed[name]?.condition === 'service_completed_successfully',
    ),
    mounts,
  };
}

const ownImage = 'whereabouts';
const serverImage = 'temporalio/server:';

/** `whereabouts` with these arguments, as the image's entry point runs it. */
export function whereabouts(args: string[]): string[] {
  return [process.execPath, join(root, 'bin', 'whereabouts.js'), ...args];
}

function commandIn(image: string, command: string[]): string[] {
  if (image === ownImage) return whereabouts(command);
  return image.startsWith(serverImage) ? ['temporal-server', 'start'] : command;
}

/** Replaces exactly what the compose file has to say: another host or port in it leads nowhere. */
function valueHere(name: string, variable: string, value: string, { ports }: Places): string {
  switch (`${variable}=${value}`) {
    case 'HOST=0.0.0.0':
    case 'BIND_ON_IP=0.0.0.0':
    case 'SQL_HOST=postgres':
    case 'POSTGRES_SEEDS=postgres':
      return '127.0.0.1';
    case 'SQL_PORT=5432':
    case 'DB_PORT=5432':
      return String(ports['postgres']);
    case 'PORT=8080':
      return String(ports[name]);
    default:
      return value
        .replace(/\bpostgres:5432\b/, `127.0.0.1:${ports['postgres']}`)
        .replace(/^temporal:7233$/, `127.0.0.1:${ports['temporal']}`)
        .replace(/^http:\/\/(\w+):8080$/, (_, system: string) => `http://127.0.0.1:${ports[system]}`);
  }
}

function portsOfTemporal({ ports }: Places): Record<string, string> {
  const own = temporalPorts.map((name) => [name, String(ports[name])]);
  return { FRONTEND_GRPC_PORT: String(ports['temporal']), ...(Object.fromEntries(own) as Record<string, string>) };
}
