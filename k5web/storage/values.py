"""Values into rows and back: what has the same name on both sides is not written out again."""

from dataclasses import fields
from typing import Any, TypeVar

T = TypeVar("T")


def value_of(kind: type[T], row: Any, /, **made: Any) -> T:
    """Return a value whose fields are the columns of a row with the same names; `made` are its other fields."""
    same = {name: getattr(row, name) for name in _names(kind) if name not in made}
    return kind(**same, **made)


def columns_of(value: Any, /, *left_out: str, **made: Any) -> dict[str, Any]:
    """Return the fields of a value as columns of the same names, and `made` as the other columns."""
    same = {name: getattr(value, name) for name in _names(type(value)) if name not in left_out and name not in made}
    return same | made


_KNOWN: dict[Any, tuple[str, ...]] = {}  # the fields of each kind: each row of a long list asks for them


def _names(kind: Any) -> tuple[str, ...]:
    if kind not in _KNOWN:
        _KNOWN[kind] = tuple(field.name for field in fields(kind))
    return _KNOWN[kind]
