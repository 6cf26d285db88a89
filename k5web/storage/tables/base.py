"""What all mapped classes share: fixed names of constraints, column types that mean the same on both databases."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import MetaData, Text
from sqlalchemy.orm import DeclarativeBase

from k5web.storage.types import Blob, Day, Facts, Flag, Instant, Whole

STRICT: dict[str, Any] = {"sqlite_strict": True}


def quoted(words: Iterable[str]) -> str:
    """Return words of an enumeration as a condition of a table lists them."""
    return ", ".join(f"'{word}'" for word in words)


class Base(DeclarativeBase):
    """Names of constraints are fixed, so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        int: Whole,
        str: Text(),
        bytes: Blob,
        bool: Flag(),
        date: Day(),
        datetime: Instant(),
        dict[str, Any]: Facts(),
    }
