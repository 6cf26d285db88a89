"""SQL that several wings write: inserts that meet a row already there, and the join of postings with their events."""

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import (
    Boolean,
    ColumnClause,
    ColumnElement,
    CursorResult,
    Executable,
    Result,
    Row,
    ScalarResult,
    TableValuedAlias,
    Text,
    Update,
    and_,
    bindparam,
    cast,
    column,
    func,
    literal,
    literal_column,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import JSON, Insert, insert  # SQLite compiles it alike
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.dml import ReturningInsert
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.operators import OperatorType

from k5web.storage.types import Whole, WholeList

REPORT_TIMEOUT_S = 600  # of one statement that reads all postings
_BE_PATIENT = text(f"SET LOCAL statement_timeout = '{REPORT_TIMEOUT_S}s'")
_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtext(:what))")

R = TypeVar("R")
V = TypeVar("V")


class OneOf(FunctionElement[bool]):
    """The condition that a column is one of a list of whole numbers, which is one value of the statement however long
    it is: an IN of a hundred values would be written and read anew each time."""

    type = Boolean()
    inherit_cache = True

    def __init__(self, number: Any, name: str) -> None:
        super().__init__(number, bindparam(name, type_=WholeList()))

    def self_group(self, against: OperatorType | None = None) -> "OneOf":
        """Return the condition as it is: by the `= 1` that would stand behind it SQLite reads the whole table."""
        return self


@compiles(OneOf)
def _in_list(condition: OneOf, compiler: SQLCompiler, **kw: Any) -> str:
    number, listed = (compiler.process(part, **kw) for part in condition.clauses)
    return f"{number} IN (SELECT value FROM json_each({listed}))"  # noqa: S608 — parts of a statement, no values


@compiles(OneOf, "postgresql")
def _in_array(condition: OneOf, compiler: SQLCompiler, **kw: Any) -> str:
    number, listed = (compiler.process(part, **kw) for part in condition.clauses)
    return f"{number} = ANY (CAST({listed} AS BIGINT[]))"


class NumberOfCall(FunctionElement[int]):
    """The number of the call that a charge's key names: 17 of `8841-17`, and of `8841-17#2`; NULL of other keys."""

    type = Whole
    inherit_cache = True

    def __init__(self, key: Any) -> None:
        super().__init__(key)


@compiles(NumberOfCall)
def _number_as_text(call: NumberOfCall, compiler: SQLCompiler, **kw: Any) -> str:
    key = compiler.process(call.clauses, **kw)
    return f"CAST(substr({key}, nullif(instr({key}, '-'), 0) + 1) AS INTEGER)"  # up to the first other sign


@compiles(NumberOfCall, "postgresql")
def _number_by_pattern(call: NumberOfCall, compiler: SQLCompiler, **kw: Any) -> str:
    return f"CAST(substring({compiler.process(call.clauses, **kw)} FROM '-([0-9]{{1,10}})') AS BIGINT)"


class Microseconds(FunctionElement[int]):
    """The microseconds from one moment to a later one; NULL where one is missing."""

    type = Whole
    inherit_cache = True

    def __init__(self, since: Any, until: Any) -> None:
        super().__init__(since, until)


@compiles(Microseconds)
def _us_of_texts(span: Microseconds, compiler: SQLCompiler, **kw: Any) -> str:
    """Take moments as `types.Instant` writes them; SQLite itself would round them to the millisecond."""
    since, until = (
        f"(CAST(strftime('%s', substr({moment}, 1, 19)) AS INTEGER) * 1000000 "
        f"+ CAST(substr({moment}, 21, 6) AS INTEGER))"
        for moment in (compiler.process(part, **kw) for part in span.clauses)
    )
    return f"({until} - {since})"


@compiles(Microseconds, "postgresql")
def _us_of_moments(span: Microseconds, compiler: SQLCompiler, **kw: Any) -> str:
    since, until = (compiler.process(part, **kw) for part in span.clauses)
    return f"CAST(extract(epoch FROM {until} - {since}) * 1000000 AS BIGINT)"


def whole_seconds(since: Any, until: Any) -> ColumnElement[int]:
    """Return the whole seconds from one moment to a later one, as a talk is told; NULL where one is missing."""
    return Microseconds(since, until) // 1_000_000


class FactOf(FunctionElement[str]):
    """One text of a column of facts, by its name; NULL where it is not there."""

    type = Text()
    inherit_cache = True

    def __init__(self, facts: Any, name: str) -> None:
        super().__init__(facts, literal(name, Text()))


@compiles(FactOf)
def _by_path(fact: FactOf, compiler: SQLCompiler, **kw: Any) -> str:
    facts, name = (compiler.process(part, **kw) for part in fact.clauses)
    return f"json_extract({facts}, '$.' || {name})"


@compiles(FactOf, "postgresql")
def _by_name(fact: FactOf, compiler: SQLCompiler, **kw: Any) -> str:
    facts, name = (compiler.process(part, **kw) for part in fact.clauses)
    return f"(CAST({facts} AS json) ->> {name})"


class FirstWord(FunctionElement[str]):
    """A text until its first space, the whole of it where it has none."""

    type = Text()
    inherit_cache = True


@compiles(FirstWord)
def _until_space(word: FirstWord, compiler: SQLCompiler, **kw: Any) -> str:
    text_of = compiler.process(next(iter(word.clauses)), **kw)
    return f"substr({text_of}, 1, instr({text_of} || ' ', ' ') - 1)"


@compiles(FirstWord, "postgresql")
def _first_part(word: FirstWord, compiler: SQLCompiler, **kw: Any) -> str:
    return f"split_part({compiler.process(next(iter(word.clauses)), **kw)}, ' ', 1)"


def word(ours: str) -> ColumnElement[str]:
    """Return a word of our own, a state or a kind, written out in the statement.

    A partial index is found by what is written. A bound one that such an index could ask for makes SQLite plan the
    statement anew at each execution, which takes thirty times as long as to do it.
    """
    return literal_column(f"'{ours}'")


def among(column: Any, words: Iterable[str]) -> ColumnElement[bool]:
    """Return the condition that a column has one of these words of our own, which are written out: bound ones would be
    expanded anew each time."""
    found: ColumnElement[bool] = column.in_([word(ours) for ours in words])
    return found


def insert_or_nothing(table: Any, *unique: str) -> Insert:
    """Return an INSERT that does nothing where a row with these columns, or with any same key, is there already."""
    return insert(table).on_conflict_do_nothing(index_elements=unique or None)


def insert_or_change(table: Any, row: Mapping[str, Any], unique: Collection[str], changes: Mapping[str, Any]) -> Insert:
    """Return an INSERT of this row, or an UPDATE by `changes` where a row with these columns is there already."""
    return insert(table).values(**row).on_conflict_do_update(index_elements=unique, set_=changes)


def insert_or_excluded(table: Any, unique: Collection[str], changes: Collection[str]) -> Insert:
    """Return an INSERT of many rows; where one with these columns is there already, it takes these columns' values."""
    adding = insert(table)
    return adding.on_conflict_do_update(index_elements=unique, set_={name: adding.excluded[name] for name in changes})


def insert_all(db: Session, adding: ReturningInsert[Any], rows: Sequence[Mapping[str, Any]]) -> Sequence[Row[Any]]:
    """Do an INSERT that returns something for many rows, of the same columns each, and return what it returns."""
    if not is_postgresql(db):
        return db.execute(adding, list(rows)).all()
    listed = _listed([adding.table.c[name] for name in rows[0]], rows)
    return db.execute(adding.from_select(list(rows[0]), select(*listed.c), include_defaults=False)).all()


def update_all(db: Session, table: Any, key: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> None:
    """Give the rows with these keys the other values that stand beside them."""
    new = [name for name in rows[0] if name not in key]
    if is_postgresql(db):
        listed = _listed([table.c[name] for name in rows[0]], rows)
        db.execute(_updating(table, key, listed.c).values({name: listed.c[name] for name in new}))
        return
    given = {name: bindparam(f"new_{name}", type_=table.c[name].type) for name in rows[0]}
    changing = _updating(table, key, given).values({name: given[name] for name in new})
    db.execute(changing, [{f"new_{name}": value for name, value in row.items()} for row in rows])


def _updating(table: Any, key: Sequence[str], given: Any) -> Update:
    return update(table).where(*(table.c[name] == given[name] for name in key))


def is_postgresql(db: Session) -> bool:
    return db.get_bind().dialect.name == "postgresql"


def _listed(columns: Sequence[ColumnClause[Any]], rows: Sequence[Mapping[str, Any]]) -> TableValuedAlias:
    """Return rows as PostgreSQL takes them fastest: all in one value. psycopg would read a statement with a thousand
    values longer than the server needs to do it."""
    names: list[ColumnClause[Any]] = [column(one.name, one.type) for one in columns]
    told = bindparam("rows", json.dumps(list(rows), default=_told), type_=Text())
    written = func.json_to_recordset(cast(told, JSON))
    return written.table_valued(*names, name="listed").render_derived(with_types=True)


def _told(value: Any) -> str:
    """Return how PostgreSQL reads what JSON has no word for: bytes, or a day or a moment."""
    return "\\x" + value.hex() if isinstance(value, bytes) else value.isoformat()


def one_at_a_time(db: Session, what: str) -> None:
    """Let one transaction at a time do this until it ends; on SQLite the writer is alone anyway."""
    if is_postgresql(db):
        db.execute(_ONE_AT_A_TIME, {"what": f"k5 {what}"})


def be_patient(db: Session) -> None:
    """Let this transaction's statements take minutes: they sum all there is for a report, and nobody waits for a page.
    SQLite has no such bound."""
    if is_postgresql(db):
        db.execute(_BE_PATIENT)


def first_of(found: Result[Any] | ScalarResult[R], value: Callable[[Any], V]) -> V | None:
    """Return the value of the first row that was found, None where there is none."""
    row = found.first()
    return None if row is None else value(row)


def count_changed(db: Session, statement: Executable) -> int:
    """Do an INSERT, UPDATE or DELETE that returns nothing; return how many rows it met."""
    result = db.execute(statement)
    assert isinstance(result, CursorResult)
    return result.rowcount


def same_event(one: Any, other: Any) -> ColumnElement[bool]:
    """Return the condition that rows of two tables belong to one event of the ledger; each a class or its columns."""
    return and_(one.owner_id == other.owner_id, one.origin == other.origin, one.key == other.key)


def of_account(posting: Any, account: Any) -> ColumnElement[bool]:
    """Return the condition that a posting is of an account; each a class or its columns."""
    return and_(account.owner_id == posting.owner_id, account.id == posting.account_id)


def next_of(db: Session, table: Any, owner_id: int) -> int:
    """Return the next `n` of one owner's rows, from 1. The caller holds the owner's account."""
    return (db.scalar(select(func.max(table.n)).where(table.owner_id == owner_id)) or 0) + 1
