import type { Generated } from 'kysely';
import type { Role } from '../person';

export type Scope = 'read' | 'all';

/** Tables of people and what they prove themselves by. Times are ISO 8601 in UTC, hashes SHA-256 in hex. */
export interface IdentityTables {
  people: {
    id: string;
    name: string;
    roles: Role[];
    /** Argon2id, as a PHC string; null until the person has set a password. */
    password_hash: string | null;
    created_at: Generated<string>;
    disabled_at: string | null;
  };
  one_time_codes: { hash: string; person: string; expires_at: string };
  sessions: {
    hash: string;
    id: Generated<string>;
    person: string;
    address: string;
    agent: string | null;
    created_at: Generated<string>;
    used_at: Generated<string>;
    expires_at: string;
  };
  tokens: {
    hash: string;
    id: Generated<string>;
    person: string;
    name: string;
    scope: Scope;
    acts_for_others: boolean;
    created_at: Generated<string>;
    used_at: string | null;
    /** Null for the token of the local command line alone. */
    expires_at: string | null;
  };
  failed_attempts: {
    /** Hash of a person's id or of an address. */
    subject: string;
    failures: number;
    last_at: string;
    next_at: string;
  };
}
