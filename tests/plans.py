"""How a database carries out statements: which tables it would read whole, and which indexes it goes by."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, event

from k5web.storage.session import Sessions
from k5web.storage.tables import Base

_SQLITE_STEP = re.compile(r"(SCAN|SEARCH) (\w+)(?: USING (?:COVERING )?(?:INDEX (\S+)|(INTEGER PRIMARY KEY)))?")
_BY_INDEX = {"Index Scan", "Index Only Scan", "Bitmap Index Scan"}
_ALIAS = re.compile(r"_[0-9]+\Z")


@dataclass(frozen=True, slots=True)
class Step:
    """One table that a statement reads. `index` is empty where it goes by none."""

    table: str
    index: str
    is_whole_table: bool


@contextmanager
def plans(sessions: Sessions) -> Iterator[list[tuple[str, list[Step]]]]:
    """Collect the statements that only read, each with its steps, as if tables were too large to be read whole."""
    found: list[tuple[str, list[Step]]] = []
    busy = False

    def note(connection: Connection, _cursor: object, statement: str, values: Any, *_rest: object) -> None:
        nonlocal busy
        if not busy and statement.lstrip().startswith(("SELECT", "WITH")):
            busy = True
            found.append((statement, _steps(connection, statement, values)))
            busy = False

    event.listen(sessions._read, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(sessions._read, "before_cursor_execute", note)


def _steps(connection: Connection, statement: str, values: Any) -> list[Step]:
    if connection.dialect.name == "sqlite":
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
        return [step for row in rows if (step := _sqlite_step(str(row[-1])))]
    connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
    [told] = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", values).scalars()
    return list(_postgres_steps((json.loads(told) if isinstance(told, str) else told)[0]["Plan"]))


def _sqlite_step(told: str) -> Step | None:
    found = _SQLITE_STEP.match(told)
    if found is None or _ALIAS.sub("", found[2]) not in Base.metadata.tables:  # a value or a subquery, not a table
        return None
    return Step(found[2], found[3] or "", found[1] == "SCAN")


def _postgres_steps(node: dict[str, Any]) -> Iterator[Step]:
    if node["Node Type"] == "Seq Scan":
        yield Step(node["Relation Name"], "", True)
    elif node["Node Type"] in _BY_INDEX:
        yield Step(node.get("Relation Name", ""), node["Index Name"], "Index Cond" not in node)
    for below in node.get("Plans", ()):
        yield from _postgres_steps(below)
