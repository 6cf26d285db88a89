"""`k5 db distribute`: what is to be done so that Citus holds the tables on many machines, and doing it step by step.

Each step is a statement and a transaction of its own, asked for only where it is not so already: whoever was cut off
goes on where it stopped. Everything of one owner stays on one machine (docs/operators.md, Many machines).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, MetaData, Row, make_url, text
from sqlalchemy.exc import DBAPIError

from k5web.errors import DatabaseTrouble
from k5web.storage import citus, distribution_proof, placement, schema
from k5web.storage.citus import Node, Standing
from k5web.storage.placement import ANCHOR, CLAIMS, PLACES, Place
from k5web.storage.session import APP_ROLE
from k5web.storage.tables import Base

POSTGRESQL, CITUS = 15, 13  # the pair that was tried; both are upgraded together

_WHO = text("""
SELECT current_setting('server_version_num')::int / 10000 AS server,
       current_user = pg_get_userbyid((SELECT relowner FROM pg_class WHERE oid = 'account'::regclass)) AS is_owner,
       (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) AS is_superuser,
       (SELECT rolcanlogin FROM pg_roles WHERE rolname = :app) AS app_logs_in
""")
# Citus does not look itself whether a guard stays with its row: placement.py and tests do
_MADE = text("""
SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = CAST(:of AS regclass) AND NOT tgisinternal
""")
_GO_ON = "mend that and do the same again, it goes on there"
_READY = ("SET citus.enable_unsafe_triggers = on", "SET statement_timeout = 0")
# The rows that are there were let in once: the guards of the pieces would book each posting a second time
_COPYING = ("SET LOCAL citus.propagate_set_commands = 'local'", "SET LOCAL session_replication_role = replica")


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why nothing is begun, and what mends it."""

    what: str
    cure: str

    def __str__(self) -> str:
        return f"{self.what}: {self.cure}"


@dataclass(frozen=True, slots=True)
class Step:
    """One statement, and whether it is so already."""

    statement: str
    is_done: bool = False

    def __str__(self) -> str:
        return self.statement


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be done, or why not."""

    refusals: tuple[Refusal, ...]
    steps: tuple[Step, ...] = ()

    @property
    def left(self) -> list[Step]:
        """The steps that are not so yet."""
        return [step for step in self.steps if not step.is_done]


def plan(url: str, coordinator: Node | None, workers: Sequence[Node], now: datetime) -> Plan:
    """Return what is to be done with this database, or everything that is in the way; it changes nothing.

    Raises: Unavailable, NewerDatabase.
    """
    if make_url(url).get_backend_name() != "postgresql":
        return Plan((Refusal("SQLite is one file on one machine", "move to PostgreSQL first (docs/operators.md)"),))
    if not schema.is_current(url):
        return Plan((Refusal("the schema is not at the newest version", "k5 db upgrade"),))
    with schema.connected(url, readonly=True) as connection:
        if refused := _wrong_servers(connection):
            return Plan((refused,))
        standing = citus.standing(connection)
        reflected = MetaData()
        reflected.reflect(connection)
        refusals = [
            *_wrong_roles(connection),
            *_wrong_machines(standing, coordinator, workers),
            *(Refusal(str(each), "Citus cannot hold it so: a migration must mend it") for each in _misfits(reflected)),
            *_wrong_places(standing),
            *(
                Refusal(f"a prepared transaction stands open {where}", "COMMIT PREPARED or ROLLBACK PREPARED it")
                for where in citus.prepared(connection)
            ),
        ]
        steps = tuple(_steps(connection, standing, coordinator, workers))
    if differences := schema.check(url):
        refusals.append(Refusal(f"the schema differs: {differences[0]}", "k5 db check names all of it"))
    with schema.connected(url, readonly=True) as connection:
        for breach in distribution_proof.broken_chains(connection, now):
            refusals.append(Refusal(f"the ledger is broken: {breach}", "k5 ledger verify; mend it first"))
    return Plan(tuple(refusals)) if refusals else Plan((), steps)


def _wrong_servers(connection: Connection) -> Refusal | None:
    found = citus.version(connection)
    pair = f"Citus {CITUS} on PostgreSQL {POSTGRESQL}"
    if not found:
        cure = f"install {pair} on every machine and CREATE EXTENSION citus in this database on each"
        return Refusal("this database has no extension citus", cure)
    server = _who(connection).server
    if server != POSTGRESQL or found.split(".")[0] != str(CITUS):
        return Refusal(f"this is Citus {found} on PostgreSQL {server}", f"K5 was tried with {pair} alone")
    return None


def _who(connection: Connection) -> Row[Any]:
    return connection.execute(_WHO, {"app": APP_ROLE}).one()


def _wrong_roles(connection: Connection) -> Iterator[Refusal]:
    who = _who(connection)
    if not who.is_owner:
        yield Refusal("this login does not own the tables", "use the one of /etc/k5/owner.env, as k5 db upgrade does")
    if not who.is_superuser:
        what = "this login is no superuser, as Citus wants who adds machines and distributes to be"
        yield Refusal(what, "ALTER ROLE it SUPERUSER while this is done, and NOSUPERUSER afterwards")
    if not who.app_logs_in:
        cure = f"ALTER ROLE {APP_ROLE} LOGIN, and a line for it in pg_hba.conf of each machine, for the others alone"
        yield Refusal(f"{APP_ROLE} may not log in, and as {APP_ROLE} the machines speak with one another", cure)


def _wrong_machines(standing: Standing, coordinator: Node | None, workers: Sequence[Node]) -> Iterator[Refusal]:
    if not (coordinator or standing.coordinator):
        yield Refusal("nobody knows by which address the workers reach this machine", "say --coordinator HOST:PORT")
    if not (workers or standing.workers):
        yield Refusal("there is no worker", "say --worker HOST:PORT, once for each")
    if (first := coordinator or standing.coordinator) in workers:
        yield Refusal(f"{first} is the coordinator itself", "name other machines as workers")


def _misfits(reflected: MetaData) -> list[placement.Misfit]:
    """What others keep in this database is theirs: only what leads from our tables, or to them, concerns us."""
    strangers = {
        name
        for name, table in reflected.tables.items()
        if name not in PLACES and not any(key.referred_table.name in PLACES for key in table.foreign_key_constraints)
    }
    ours = [each for each in placement.misfits(reflected) if each.table not in strangers]
    return ours + [each for each in placement.unplaced(reflected) if each.table in PLACES]


def _wrong_places(standing: Standing) -> Iterator[Refusal]:
    for table, place in standing.tables.items():
        if table in PLACES and place not in {PLACES[table], Place.COORDINATOR}:  # from there it can still go
            cure = f"SELECT undistribute_table('{table}', cascade_via_foreign_keys => true)"
            yield Refusal(f"{table} is placed otherwise than K5 wants, which is: {PLACES[table].value}", cure)


def _steps(
    connection: Connection, standing: Standing, coordinator: Node | None, workers: Sequence[Node]
) -> Iterator[Step]:
    if first := coordinator or standing.coordinator:
        yield Step(f"SELECT citus_set_coordinator_host({_of(first)})", first == standing.coordinator)
    for node in dict.fromkeys((*standing.workers, *workers)):
        yield Step(f"SELECT citus_add_node({_of(node)})", node in standing.workers)
    for table in placement.in_order(Base.metadata):
        name = str(table.name)
        is_placed = standing.tables.get(name) is PLACES[name]
        yield Step(_placing(name), is_placed)
        if granting := _granting(name):
            is_granted = is_placed and _all_say(citus.rights(connection, name), citus.wanted_rights(name))
            yield from (Step(statement, is_granted) for statement in granting)
        if PLACES[name] is Place.EVERYWHERE and table.foreign_keys:
            is_guarded = is_placed and _all_say(citus.guards(connection, name), citus.guards_of(connection, name))
            yield from (Step(statement, is_guarded) for statement in _guarding(connection, name))


def _of(node: Node) -> str:
    return f"'{node.host}', {node.port}"


def _placing(table: str) -> str:
    match PLACES[table]:
        case Place.EVERYWHERE:
            return f"SELECT create_reference_table('{table}')"
        case Place.OWNER:
            column, beside = placement.OWNER, ANCHOR
        case _:
            column, beside = placement.KEY, CLAIMS
    where = "none" if table == beside else beside
    return f"SELECT create_distributed_table('{table}', '{column}', colocate_with => '{where}')"


def _granting(table: str) -> list[str]:
    """Rights to single columns: Citus takes only those of whole tables to the pieces, and these when they are said
    again. It writes every column of a new row there, so the pieces want the whole right to insert; the table itself
    keeps its columns, and a guard what an account begins with."""
    rights: dict[str, list[str]] = {}
    for each in citus.rights_of(table):
        right, _, column = each.partition(" ")
        if column:
            rights.setdefault(right, []).append(column)
    if not rights:
        return []
    given = ", ".join(f"{right} ({', '.join(columns)})" for right, columns in rights.items())
    whole = [_on_pieces(table, f"GRANT INSERT ON %1$s TO {APP_ROLE}")] if "INSERT" in rights else []
    return [f"GRANT {given} ON {table} TO {APP_ROLE}", *whole]


def _guarding(connection: Connection, table: str) -> list[str]:
    """Citus makes what refers to a list a table of its own kind when the list goes, and loses its guards on the
    coordinator: they are made again on each piece that has none."""
    return [
        _on_pieces(
            table,
            "DO $do$ BEGIN IF NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = '%1$s'::regclass AND NOT tgisinternal "
            f"AND tgname ~ '^{name}(_[0-9]+)?$') "
            f"THEN {made.replace(f' ON public.{table} ', ' ON %1$s ')}; END IF; END $do$",
        )
        for name, made in connection.execute(_MADE, {"of": table})
    ]


def _on_pieces(table: str, command: str) -> str:
    quoted = command.replace("'", "''")
    return f"SELECT bool_and(success) FROM run_command_on_placements('{table}', '{quoted}')"  # noqa: S608


def _all_say(pieces: Sequence[citus.Piece], should: str) -> bool:
    return bool(pieces) and all(piece.said == should for piece in pieces)


def carry_out(url: str, steps: Sequence[Step], told: Callable[[Step, int], None]) -> None:
    """Do what is left, one statement after another; each is told, with how many are done, when it is so.

    Raises: DatabaseTrouble with what Citus says of the step that it refuses, Unavailable.
    """
    with schema.opened(url) as connection:
        for statement in _READY:
            connection.execute(text(statement))
        connection.commit()
        for done, step in enumerate(steps, start=1):
            try:
                is_done = _do(connection, step)
            except DBAPIError as error:
                if connection.invalidated or error.connection_invalidated:
                    raise
                what = f"Citus refuses {step} ({str(error.orig).splitlines()[0]})"
                raise DatabaseTrouble(what=what, cure=_GO_ON) from error
            if not is_done:
                raise DatabaseTrouble(what=f"not every machine did {step}", cure=_GO_ON)
            told(step, done)


def _do(connection: Connection, step: Step) -> bool:
    """Do one statement, in a transaction of its own; false where a machine says that it did not."""
    with connection.begin():
        for statement in _COPYING:
            connection.execute(text(statement))
        found = connection.execute(text(step.statement))
        return not found.returns_rows or found.scalar() is not False
