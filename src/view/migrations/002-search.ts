import { sql, type Kysely, type Migration } from 'kysely';

/** What cases, tasks and incidents are found by. */
export const search: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`
      ALTER TABLE cases
        ADD COLUMN people jsonb GENERATED ALWAYS AS (
          jsonb_path_query_array(knowledge, '$.*.record.steps[*].candidates[*]')
          || jsonb_path_query_array(knowledge, '$.*.record.waitingFor[*].candidates[*]')
          || jsonb_path_query_array(knowledge, '$.*.record.steps[*].by')) STORED,
        ADD COLUMN roles_asked jsonb GENERATED ALWAYS AS (
          nullif(
            jsonb_path_query_array(
              knowledge, '$.*.record.steps[*] ? (@.kind == "task" && !exists(@.candidates)).role')
            || jsonb_path_query_array(knowledge, '$.*.record.waitingFor[*] ? (!exists(@.candidates)).role'),
            '[]')) STORED,
        ADD COLUMN reported_at text GENERATED ALWAYS AS (knowledge #>> '{reported,reportedAt}') STORED`.execute(db);
    await sql`CREATE TABLE key_values (value text PRIMARY KEY)`.execute(db);
    await sql.raw(keepsValues).execute(db);
    for (const index of indexes) await sql.raw(`CREATE INDEX ${index}`).execute(db);
    await sql.raw(trigrams).execute(db);
  },
};

const indexes = [
  'cases_newest ON cases (started_at, case_id) INCLUDE (process, status)',
  'cases_of_process ON cases (process, started_at, case_id) INCLUDE (status)',
  'cases_of_status ON cases (status, started_at, case_id) INCLUDE (process)',
  'cases_of_outcome ON cases (outcome, started_at, case_id) INCLUDE (process, status) WHERE outcome IS NOT NULL',
  'cases_waiting ON cases (waiting_since, case_id) WHERE waiting_since IS NOT NULL',
  'cases_by_beginning ON cases (case_id text_pattern_ops)',
  'cases_of_people ON cases USING gin (people, roles_asked)',
  'open_steps_by_name ON open_steps (name)',
  'open_steps_by_system ON open_steps (system) WHERE system IS NOT NULL',
  'open_steps_by_role ON open_steps (role) WHERE role IS NOT NULL',
  'open_steps_by_candidates ON open_steps USING gin (candidates)',
  `open_tasks ON open_steps (started_at, case_id, step_id) WHERE kind = 'task'`,
  `parked_steps ON open_steps (started_at, case_id, step_id) WHERE status = 'parked'`,
];

/** Every value there is, once: text is looked for in them, which are far fewer than keys. */
const keepsValues = `
  CREATE FUNCTION keep_values() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    EXECUTE format(
      'INSERT INTO %1$I.key_values
       SELECT DISTINCT value FROM added
       WHERE NOT EXISTS (SELECT FROM %1$I.key_values AS kept WHERE kept.value = added.value)
       ORDER BY value
       ON CONFLICT DO NOTHING', TG_TABLE_SCHEMA);
    RETURN NULL;
  END $$;
  CREATE TRIGGER keep_values AFTER INSERT ON keys
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION keep_values()`;

/**
 * Text is found without it, too, but slower: a server may lack the extension, or not let us have it. It is put beside the
 * tables, not among them, so that it stays when they are replaced.
 */
const trigrams = `
  DO $$
  DECLARE place text;
  BEGIN
    CREATE EXTENSION IF NOT EXISTS pg_trgm SCHEMA public;
    SELECT extnamespace::regnamespace INTO place FROM pg_extension WHERE extname = 'pg_trgm';
    EXECUTE format('CREATE INDEX values_by_text ON key_values USING gin (value %s.gin_trgm_ops)', place);
  EXCEPTION WHEN feature_not_supported OR undefined_file OR insufficient_privilege OR invalid_schema_name THEN
    RAISE NOTICE 'values of keys are searched for text without an index: %', SQLERRM;
  END $$`;
