"""What Citus says of itself: which machines there are, which tables lie where, what their pieces have.

Everything is asked by the views and functions that Citus documents, without its schema's name.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from k5web.storage.grants import wanted
from k5web.storage.placement import KEY, OWNER, Place
from k5web.storage.session import APP_ROLE
from k5web.storage.sql import is_postgresql

_VERSION = text("SELECT extversion FROM pg_extension WHERE extname = 'citus'")
_NODES = text("SELECT nodename, nodeport, groupid = 0 FROM pg_dist_node ORDER BY groupid")
_TABLES = text("""
SELECT c.relname, t.citus_table_type, t.distribution_column FROM citus_tables t JOIN pg_class c ON c.oid = t.table_name
WHERE c.relnamespace = 'public'::regnamespace
""")
# Asked of each piece of a table on each machine; %1$s is its name there
_ON_PIECES = text("SELECT nodename, nodeport, shardid, success, result FROM run_command_on_placements(:of, :command)")
_ON_WORKERS = text("SELECT nodename, nodeport, success, result FROM run_command_on_workers(:command)")
_GUARDS: Final = (
    "SELECT string_agg(tgname, ' ') FROM pg_trigger "
    "WHERE tgrelid = '%1$s'::regclass AND NOT tgisinternal AND tgenabled IN ('O', 'A')"
)
_RIGHTS: Final = f"""
SELECT string_agg(what, ',') FROM (
    SELECT (aclexplode(relacl)).grantee, (aclexplode(relacl)).privilege_type AS what
    FROM pg_class WHERE oid = '%1$s'::regclass
    UNION ALL
    SELECT (aclexplode(attacl)).grantee, (aclexplode(attacl)).privilege_type || ' ' || attname
    FROM pg_attribute WHERE attrelid = '%1$s'::regclass
) AS given WHERE grantee = '{APP_ROLE}'::regrole
"""  # noqa: S608
_OWN_GUARDS = text("SELECT tgname FROM pg_trigger WHERE tgrelid = CAST(:of AS regclass) AND NOT tgisinternal")
_PREPARED: Final = "SELECT count(*) FROM pg_prepared_xacts"


class Node(NamedTuple):
    """A machine by which address the others reach it."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


class Piece(NamedTuple):
    """What one piece of a table answered."""

    node: Node
    number: int
    said: str | None  # None: the machine could not be asked


@dataclass(frozen=True, slots=True)
class Standing:
    """What is so already."""

    coordinator: Node | None
    workers: tuple[Node, ...]
    tables: Mapping[str, Place | None]  # None: placed by something else than K5 wants


def version(connection: Connection | Session) -> str:
    """Return Citus's version, like 13.2-1; empty where this database has none."""
    return str(connection.scalar(_VERSION) or "")


def is_wide(db: Session) -> bool:
    """Return whether tables of this database may lie on several machines; asked once of a session."""
    if "is_wide" not in db.info:
        db.info["is_wide"] = is_postgresql(db) and bool(version(db))
    return bool(db.info["is_wide"])


def standing(connection: Connection) -> Standing:
    """Return which machines and tables Citus knows in this database."""
    nodes = connection.execute(_NODES).all()
    found = [(Node(host, port), is_first) for host, port, is_first in nodes]
    tables = {name: _place(kind, column) for name, kind, column in connection.execute(_TABLES)}
    return Standing(
        next((node for node, is_first in found if is_first), None),
        tuple(node for node, is_first in found if not is_first),
        tables,
    )


def _place(kind: str, column: str) -> Place | None:
    if kind == "reference":
        return Place.EVERYWHERE
    if kind == "distributed":
        return {OWNER: Place.OWNER, KEY: Place.KEY}.get(column)
    return Place.COORDINATOR  # known to Citus, and where it was


def prepared(connection: Connection) -> list[str]:
    """Return where transactions stand prepared and are neither committed nor taken back: "here", or a worker."""
    found = ["here"] if connection.scalar(text(_PREPARED)) else []
    for host, port, is_answered, said in connection.execute(_ON_WORKERS, {"command": _PREPARED}):
        if not is_answered or said != "0":
            found.append(f"{host}:{port}")
    return found


def guards(connection: Connection, table: str) -> list[Piece]:
    """Return the triggers of each piece, their names separated by a blank and without the piece's number."""
    return [
        piece if piece.said is None else piece._replace(said=" ".join(_without(piece.said.split(), piece.number)))
        for piece in _asked(connection, table, _GUARDS)
    ]


def _without(names: list[str], number: int) -> list[str]:
    return sorted(name.removesuffix(f"_{number}") for name in names)


def rights(connection: Connection, table: str) -> list[Piece]:
    """Return what the application's role may do with each piece: INSERT, UPDATE of a column …, separated by commas."""
    return [
        piece if piece.said is None else piece._replace(said=",".join(sorted(filter(None, piece.said.split(",")))))
        for piece in _asked(connection, table, _RIGHTS)
    ]


def rights_of(table: str) -> list[str]:
    """Return the same of the table itself, as `grants.txt` has it."""
    parts = ((thing.partition("."), rights) for thing, rights in wanted().items())
    found = [f"{right} {column}".strip() for (name, _, column), rights in parts if name == table for right in rights]
    return sorted(found)


def wanted_rights(table: str) -> str:
    """Return what the pieces must say: where the table lets single columns be inserted, they let a whole row in."""
    found = rights_of(table)
    whole = ["INSERT"] if any(right.startswith("INSERT ") for right in found) else []
    return ",".join(sorted({*found, *whole}))


def guards_of(connection: Connection, table: str) -> str:
    """Return the triggers of the table itself as its pieces must say them."""
    return " ".join(sorted(connection.scalars(_OWN_GUARDS, {"of": table})))


def _asked(connection: Connection, table: str, command: str) -> list[Piece]:
    said = connection.execute(_ON_PIECES, {"of": table, "command": command})
    return [
        Piece(Node(host, port), number, (result or "") if is_answered else None)
        for host, port, number, is_answered, result in said
    ]
