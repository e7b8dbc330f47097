import type { Kysely } from 'kysely';
import type { ServiceApp } from '../../service/http';
import { addAudit, type AuditTables } from '../audit';
import { addGuard, type Site } from './guard';
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
}

/**
 * Who asks, whether they may, and the audit of it, on a server that has no routes yet but those of every service:
 * sets `request.person`, refuses a route whose config does not say what it `allows`, and adds the routes of sessions,
 * tokens, people and the audit.
 */
export function addIdentity(
  app: ServiceApp,
  db: Kysely<IdentityTables & AuditTables>,
  { publicUrl }: IdentityOptions = {},
): void {
  const origin = publicUrl === undefined ? undefined : new URL(publicUrl).origin;
  const cookie = origin?.startsWith('https:') ? '__Host-whereabouts' : 'whereabouts';
  const site: Site = { cookie, origin };
  const identity = db as unknown as Kysely<IdentityTables>;
  addGuard(app, identity, site);
  addAudit(app, db);
  addSessionRoutes(app, identity, site);
  addTokenRoutes(app, identity);
  addPeopleRoutes(app, identity);
}
