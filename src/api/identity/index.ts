import type { Kysely } from 'kysely';
import type { ServiceApp } from '../../service/http';
import { addAudit, type AuditTables } from '../audit';
import { addGuard, type Site } from './guard';
import { addPasswordPage } from './password-page';
import { addPeopleRoutes } from './people-routes';
import { addSessionRoutes } from './session-routes';
import type { IdentityTables } from './tables';
import { addTokenRoutes } from './token-routes';

interface IdentityOptions {
  /**
   * How browsers reach the server, e.g. `https://whereabouts.example.com`. With https cookies are sent over https alone.
   * Absent: over http, by whatever name.
   */
  publicUrl?: string | undefined;
  /** How many requests somebody, or whoever has not signed in at an address, may send in a minute; 1,000 unless told. */
  requestsPerMinute?: number | undefined;
}

/**
 * Who asks, how often, whether they may, and the audit of it, on a server that has no routes yet but those of every service:
 * sets `request.person`, refuses a route whose config does not say what it `allows`, and adds the routes of sessions,
 * tokens, people and the audit.
 */
export async function addIdentity(
  app: ServiceApp,
  db: Kysely<IdentityTables & AuditTables>,
  { publicUrl, requestsPerMinute = 1_000 }: IdentityOptions = {},
): Promise<void> {
  const origin = publicUrl === undefined ? undefined : new URL(publicUrl).origin;
  const cookie = origin?.startsWith('https:') ? '__Host-whereabouts' : 'whereabouts';
  const site: Site = { cookie, origin };
  const identity = db as unknown as Kysely<IdentityTables>;
  await addGuard(app, identity, site, requestsPerMinute);
  addAudit(app, db);
  addSessionRoutes(app, identity, site);
  addPasswordPage(app);
  addTokenRoutes(app, identity);
  addPeopleRoutes(app, identity);
}
