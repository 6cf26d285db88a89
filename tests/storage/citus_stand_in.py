"""A stand-in for Citus, which Debian does not package: its functions in SQL, on one PostgreSQL.

It refuses what Citus 13 on PostgreSQL 15 was seen to refuse, and does to the pieces of a table what that did: whole
rights are taken to them, those of columns only when they are said again, and a table that refers to a list loses its
guards on the coordinator. A table itself stays as it is, with its rows; its pieces are empty tables beside it.
"""

import pytest
from sqlalchemy import make_url, text

from k5web.storage import distributing, schema

SHAPE = """
CREATE SCHEMA stand_in;
CREATE SCHEMA kept;  -- what is in no path is seen by no comparison of the schema
SET LOCAL search_path = public, stand_in, pg_catalog;
GRANT USAGE ON SCHEMA stand_in TO k5_app;
CREATE TABLE kept.pg_dist_node (nodename text, nodeport int, groupid int);
CREATE VIEW stand_in.pg_dist_node AS SELECT * FROM kept.pg_dist_node;
CREATE TABLE kept.placed (name regclass PRIMARY KEY, kind text, col text, beside text);
CREATE VIEW stand_in.placed AS SELECT * FROM kept.placed;
CREATE TABLE kept.piece (name regclass, shard regclass, number int, port int);
CREATE VIEW stand_in.piece AS SELECT * FROM kept.piece;
CREATE TABLE kept.mood (dies_at text, refuses text, prepared int, version text, app_logs_in bool);
CREATE VIEW stand_in.mood AS SELECT * FROM kept.mood;
INSERT INTO stand_in.mood VALUES ('', '', 0, '13.2-1', true);
CREATE VIEW stand_in.pg_roles AS SELECT oid, rolname, rolsuper, rolname <> 'k5_app' OR app_logs_in AS rolcanlogin
  FROM pg_catalog.pg_roles, stand_in.mood;
CREATE VIEW stand_in.pg_extension AS SELECT 'citus'::name AS extname, version AS extversion FROM stand_in.mood
  WHERE version <> '';
CREATE VIEW stand_in.pg_prepared_xacts AS SELECT g FROM stand_in.mood, generate_series(1, prepared) g;
CREATE VIEW stand_in.citus_tables AS SELECT name AS table_name, kind AS citus_table_type, col AS distribution_column
  FROM stand_in.placed;
GRANT SELECT ON ALL TABLES IN SCHEMA stand_in TO k5_app;

CREATE FUNCTION stand_in.citus_set_coordinator_host(host text, port int) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM pg_dist_node WHERE groupid = 0;
  INSERT INTO pg_dist_node VALUES (host, port, 0);
END $$;

CREATE FUNCTION stand_in.citus_add_node(host text, port int) RETURNS int LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_dist_node WHERE groupid = 0) THEN
    RAISE EXCEPTION 'the coordinator has no address';
  END IF;
  INSERT INTO pg_dist_node SELECT host, port, max(groupid) + 1 FROM pg_dist_node;
  RETURN 1;
END $$;

CREATE FUNCTION stand_in.has_triggers(t regclass) RETURNS bool LANGUAGE sql AS
  $$ SELECT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = t AND NOT tgisinternal) $$;

CREATE FUNCTION stand_in.grant_columns(t regclass, s regclass) RETURNS void LANGUAGE plpgsql AS $$
DECLARE given record; BEGIN
  FOR given IN SELECT attname, (aclexplode(attacl)).privilege_type AS what FROM pg_attribute WHERE attrelid = t LOOP
    EXECUTE format('GRANT %s (%I) ON %s TO k5_app', given.what, given.attname, s);
  END LOOP;
END $$;

CREATE FUNCTION stand_in.make_piece(t regclass, number int, port int, guarded bool) RETURNS void LANGUAGE plpgsql AS $$
DECLARE shard text := format('kept.%s', split_part(t::text, '.', -1) || '_' || number); made record; BEGIN
  EXECUTE format('CREATE TABLE %s (LIKE %s INCLUDING ALL)', shard, t);
  FOR made IN SELECT tgname, pg_get_triggerdef(oid) AS def FROM pg_trigger
      WHERE tgrelid = t AND NOT tgisinternal AND guarded LOOP
    EXECUTE replace(replace(made.def, ' ON public.' || t || ' ', ' ON ' || shard || ' '),
                    'TRIGGER ' || made.tgname || ' ', 'TRIGGER ' || made.tgname || '_' || number || ' ');
  END LOOP;
  FOR made IN SELECT (aclexplode(relacl)).* FROM pg_class WHERE oid = t LOOP
    IF made.grantee = 'k5_app'::regrole THEN
      EXECUTE format('GRANT %s ON %s TO k5_app', made.privilege_type, shard);
    END IF;
  END LOOP;
  INSERT INTO piece VALUES (t, shard::regclass, number, port);
END $$;

CREATE FUNCTION stand_in.place(t regclass, kind text, col text, beside text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE bad text; number int := 102000 + (SELECT count(*) FROM piece); node record; refers bool; BEGIN
  IF (SELECT dies_at FROM mood) = t::text THEN
    PERFORM pg_terminate_backend(pg_backend_pid());
  END IF;
  IF (SELECT refuses FROM mood) = t::text THEN
    RAISE EXCEPTION 'no room for %', t;
  END IF;
  IF EXISTS (SELECT FROM placed p WHERE p.name = t AND p.kind <> 'local') THEN
    RAISE EXCEPTION 'table "%" is already distributed', t;
  END IF;
  IF has_triggers(t) AND current_setting('citus.enable_unsafe_triggers', true) IS DISTINCT FROM 'on' THEN
    RAISE EXCEPTION 'cannot distribute relation "%" because it has triggers', t;
  END IF;
  IF current_setting('session_replication_role') <> 'replica' AND has_triggers(t) THEN
    RAISE EXCEPTION 'the guards of "%" would meet its rows again', t;
  END IF;
  SELECT i.indexrelid::regclass INTO bad FROM pg_index i WHERE i.indrelid = t AND i.indisunique AND col IS NOT NULL
    AND NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = t AND a.attname = col AND a.attnum = ANY (i.indkey));
  IF bad IS NOT NULL THEN
    RAISE EXCEPTION 'cannot create constraint on "%": % does not include the distribution column', t, bad;
  END IF;
  SELECT c.conname INTO bad FROM pg_constraint c LEFT JOIN placed p ON p.name = c.confrelid
    WHERE c.conrelid = t AND c.contype = 'f' AND c.confrelid <> t AND (p.name IS NULL
      OR (p.kind = 'distributed' AND (place.kind <> 'distributed' OR place.beside IS DISTINCT FROM split_part(coalesce(
          nullif(p.beside, 'none'), p.name::text), '.', -1))));
  IF bad IS NOT NULL THEN
    RAISE EXCEPTION 'foreign key %: relations are not colocated or not referencing a reference table', bad;
  END IF;
  IF kind = 'distributed' AND beside <> 'none'
      AND NOT EXISTS (SELECT FROM placed p WHERE p.name = place.beside::regclass AND p.col = place.col) THEN
    RAISE EXCEPTION 'cannot colocate tables % and %', t, beside;
  END IF;
  refers := EXISTS (SELECT FROM placed p WHERE p.name = t AND p.kind = 'local');
  DELETE FROM placed p WHERE p.name = t;
  INSERT INTO placed VALUES (t, kind, col, beside);
  FOR node IN SELECT * FROM pg_dist_node n WHERE n.groupid > 0 OR kind = 'reference' ORDER BY n.groupid LOOP
    PERFORM make_piece(t, number, node.nodeport, NOT (refers AND node.groupid = 0));
    number := number + 1;
  END LOOP;
  IF kind = 'reference' THEN  -- what refers to it becomes known too
    INSERT INTO placed SELECT c.conrelid, 'local', NULL, NULL FROM pg_constraint c
      WHERE c.confrelid = t AND c.contype = 'f' ON CONFLICT DO NOTHING;
  END IF;
END $$;

CREATE FUNCTION stand_in.create_reference_table(t regclass) RETURNS void LANGUAGE sql AS
  $$ SELECT place(t, 'reference', NULL, NULL) $$;
CREATE FUNCTION stand_in.create_distributed_table(t regclass, col text, colocate_with text DEFAULT 'default')
  RETURNS void LANGUAGE sql AS $$ SELECT place(t, 'distributed', col, colocate_with) $$;

CREATE FUNCTION stand_in.run_command_on_placements(t regclass, command text)
  RETURNS TABLE (nodename text, nodeport int, shardid int, success bool, result text) LANGUAGE plpgsql AS $$
DECLARE made record; BEGIN
  FOR made IN SELECT * FROM piece p WHERE p.name = t ORDER BY p.number LOOP
    nodename := '127.0.0.1'; nodeport := made.port; shardid := made.number; success := true; result := '';
    BEGIN
      IF command LIKE 'SELECT%' OR command LIKE E'\\nSELECT%' THEN
        EXECUTE format(command, made.shard) INTO result;
      ELSE
        EXECUTE format(command, made.shard);
      END IF;
    EXCEPTION WHEN OTHERS THEN
      success := false; result := SQLERRM;
    END;
    RETURN NEXT;
  END LOOP;
END $$;
CREATE FUNCTION stand_in.run_command_on_workers(command text)
  RETURNS TABLE (nodename text, nodeport int, success bool, result text) LANGUAGE sql AS
  $$ SELECT n.nodename, n.nodeport, true, '0' FROM pg_dist_node n WHERE n.groupid > 0 $$;

-- A right that is said again goes to the pieces
CREATE FUNCTION stand_in.spread() RETURNS event_trigger LANGUAGE plpgsql AS $$
BEGIN
  IF current_query() LIKE 'GRANT%' AND current_setting('stand_in.is_busy', true) IS DISTINCT FROM 'yes' THEN
    PERFORM set_config('stand_in.is_busy', 'yes', true);
    PERFORM stand_in.grant_columns(p.name, p.shard) FROM stand_in.piece p;
    PERFORM set_config('stand_in.is_busy', '', true);
  END IF;
END $$;
CREATE EVENT TRIGGER stand_in_spread ON ddl_command_end WHEN TAG IN ('GRANT') EXECUTE FUNCTION stand_in.spread();
ALTER EVENT TRIGGER stand_in_spread ENABLE ALWAYS;
"""


def stand_in(url: str, patch: pytest.MonkeyPatch) -> None:
    """Let a database answer as if it had Citus: its functions and catalogues are found before PostgreSQL's own.

    Its server counts as the one that K5 was tried with.
    """
    with schema.connected(url) as connection:
        server = int(connection.exec_driver_sql("SHOW server_version_num").scalar_one()) // 10_000
        patch.setattr(distributing, "POSTGRESQL", server)
        connection.exec_driver_sql(SHAPE.replace("%", "%%"))
        path = "SET search_path = public, stand_in, pg_catalog"
        connection.exec_driver_sql(f'ALTER DATABASE "{make_url(url).database}" {path}')


def in_mood(url: str, **mood: object) -> None:
    """Say what is different: `dies_at`, `refuses` a table, `prepared` transactions, `version`, `app_logs_in`."""
    with schema.connected(url) as connection:
        for name, value in mood.items():
            connection.execute(text(f"UPDATE stand_in.mood SET {name} = :value"), {"value": value})
