import rateLimit from '@fastify/rate-limit';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Kysely } from 'kysely';
import type { ServiceApp } from '../../service/http';
import { Problem } from '../../service/problem';
import type { Person } from '../person';
import { may, rolesThatMay, type Action, type Subject } from '../rules';
import { sessionSecret, whoAsks, type Asker } from './asker';
import type { IdentityTables } from './tables';

/** What may be done by a route: an action and a subject of the rules; or it is open to anyone, also without signing in. */
export type Allows = 'anyone' | readonly [Action, Subject];

declare module 'fastify' {
  interface FastifyContextConfig {
    allows?: Allows;
  }
  interface FastifyInstance {
    /** Who asks by what the request proved, as that is now; see {@link whoAsks}. */
    whoAsks(request: FastifyRequest): Promise<Asker | undefined>;
  }
  interface FastifyRequest {
    /** Who asks; answers 401 on a route open to anyone, where nobody was asked to sign in. */
    person: Person;
    /** Who asks and by what that is proved; null on a route open to anyone. */
    asker: Asker | null;
  }
}

/** How browsers reach the server. */
export interface Site {
  /** Name of the session's cookie. */
  cookie: string;
  /** Scheme, host and port; undefined: whatever the request says in `Host`. */
  origin: string | undefined;
}

/** Routes of every HTTP service, which are there before: health and documentation. */
const ofService = /^\/(healthz|readyz|openapi\.json|docs(\/.*)?)$/;

/**
 * Asks who it is before every route, and whether they may, of so many requests a minute; sets `request.person` and
 * `request.asker`. From here on a route
 * whose config does not say what it `allows` is refused when it is added, and so is the start of the server. A request
 * that changes something by a session's cookie must come from our own pages, and as JSON.
 */
export async function addGuard(
  app: ServiceApp,
  db: Kysely<IdentityTables>,
  site: Site,
  requestsPerMinute: number,
): Promise<void> {
  await app.register(rateLimit, { global: false });
  const count = app.createRateLimit({
    max: requestsPerMinute,
    timeWindow: 60_000,
    keyGenerator: (request) => request.asker?.person.id ?? request.ip,
  });
  const limit = async (request: FastifyRequest, reply: FastifyReply) => {
    const counted = await count(request);
    if (counted.isAllowed) return;
    const { max, remaining, ttlInSeconds } = counted;
    reply.headers({ 'x-ratelimit-limit': max, 'x-ratelimit-remaining': remaining, 'x-ratelimit-reset': ttlInSeconds });
    if (!counted.isExceeded) return;
    reply.header('retry-after', ttlInSeconds);
    throw new Problem(429, 'too-many-requests', `More than ${max} requests in a minute; go on in ${ttlInSeconds} s.`);
  };
  app.decorate('whoAsks', (request: FastifyRequest) => whoAsks(db, request, site.cookie));
  app.decorateRequest('asker', null);
  app.decorateRequest('person', {
    getter(this: FastifyRequest) {
      if (!this.asker) throw notSignedIn();
      return this.asker.person;
    },
  });
  app.addHook('onRoute', ({ method, url, config }) => {
    if (config?.allows === undefined) {
      throw new Error(`the route ${String(method)} ${url} does not say in its config what it allows`);
    }
  });
  app.addHook('onRequest', async (request, reply) => {
    if (request.is404) return limit(request, reply);
    const allows = allowedBy(request);
    try {
      try {
        if (allows !== 'anyone') request.asker = (await app.whoAsks(request)) ?? null;
      } finally {
        await limit(request, reply);
      }
      requireOwnSite(request, site);
      if (allows !== 'anyone') permit(request.asker, allows);
    } catch (error) {
      if (error instanceof Problem && error.status === 401) reply.header('www-authenticate', 'Bearer');
      throw error;
    }
  });
}

/** Whether a request of this method changes something. */
export function changes({ method }: FastifyRequest): boolean {
  return !['GET', 'HEAD', 'OPTIONS'].includes(method);
}

/** For a route's `onRequest`: no token may use it. */
export function bySession({ asker }: FastifyRequest, _reply: FastifyReply, done: () => void): void {
  requireSession(asker);
  done();
}

/**
 * The asker, by a session and not by a token.
 * @throws Problem 403 `session-needed`
 */
export function requireSession(asker: Asker | null): Asker {
  if (!asker) throw notSignedIn();
  if (asker.by === 'session') return asker;
  throw new Problem(403, 'session-needed', 'A token may not do this; sign in with your password.');
}

function notSignedIn(): Problem {
  return new Problem(401, 'not-signed-in', 'Sign in, or send the header Authorization: Bearer <token>.');
}

function allowedBy({ routeOptions: { url, config } }: FastifyRequest): Allows {
  const allows = config.allows ?? (url !== undefined && ofService.test(url) ? 'anyone' : undefined);
  if (allows === undefined) throw new Error(`the route ${url} does not say in its config what it allows`);
  return allows;
}

function permit(asker: Asker | null, [action, subject]: readonly [Action, Subject]): void {
  if (!asker) throw notSignedIn();
  const { person, readsOnly } = asker;
  if (readsOnly && action !== 'read') {
    throw new Problem(403, 'token-reads-only', 'The token has the scope "read"; make one with the scope "all".');
  }
  if (may(person, action, subject)) return;
  const needed = rolesThatMay(action, subject).join(' or ');
  throw new Problem(
    403,
    'not-allowed',
    `${person.id} (${person.roles.join(', ')}) may not ${action} ${subject}; that takes the role ${needed}.`,
  );
}

/**
 * Browsers add the cookie to whatever page's requests, so one that changes something must be of our own pages (cross-site
 * request forgery). What is no browser and sends no cookie is let through.
 */
function requireOwnSite(request: FastifyRequest, { cookie, origin: own }: Site): void {
  if (!changes(request) || request.headers.authorization !== undefined) return;
  const { origin, host, 'sec-fetch-site': site, 'content-type': type } = request.headers;
  const hasCookie = sessionSecret(request, cookie) !== undefined;
  const ours = own === undefined ? [`http://${host}`, `https://${host}`] : [own];
  const isOurs =
    site !== undefined ? site === 'same-origin' : origin !== undefined ? ours.includes(origin) : !hasCookie;
  if (!isOurs) {
    throw new Problem(
      403,
      'other-site',
      `A session's cookie is taken from our own pages alone, not from ${origin ?? 'a request without the header Origin'}; send a token instead.`,
    );
  }
  if (hasCookie && request.method !== 'DELETE' && !/^application\/([\w.-]+\+)?json\b/i.test(type ?? '')) {
    throw new Problem(415, 'unsupported-media-type', `Content-Type: "${type ?? ''}" must be application/json.`);
  }
}
