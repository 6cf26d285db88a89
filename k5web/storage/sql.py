"""SQL that several wings write: inserts that meet a row already there, and the join of postings with their events."""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import ColumnElement, and_
from sqlalchemy.dialects.postgresql import Insert, insert  # SQLite compiles it alike


def insert_or_nothing(table: Any, *unique: str) -> Insert:
    """Return an INSERT that does nothing where a row with these columns, or with any same key, is there already."""
    return insert(table).on_conflict_do_nothing(index_elements=unique or None)


def insert_or_change(table: Any, row: Mapping[str, Any], unique: Collection[str], changes: Mapping[str, Any]) -> Insert:
    """Return an INSERT of this row, or an UPDATE by `changes` where a row with these columns is there already."""
    return insert(table).values(**row).on_conflict_do_update(index_elements=unique, set_=changes)


def same_event(one: Any, other: Any) -> ColumnElement[bool]:
    """Return the condition that rows of two tables belong to one event of the ledger; each a class or its columns."""
    return and_(one.owner_id == other.owner_id, one.origin == other.origin, one.key == other.key)
