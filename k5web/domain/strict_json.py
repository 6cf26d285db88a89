"""JSON from outside: one reading only. A name that stands twice, or NaN, could be read in two ways."""

import json
from collections.abc import Callable, Sequence
from typing import Any, NoReturn, TypeVar

T = TypeVar("T")


def read_object(
    text: str | bytes, whole: Callable[[str], object] = str, fraction: Callable[[str], object] = str
) -> dict[str, Any]:
    """Return a JSON object; numbers stay the text they were written in, or become what `whole` and `fraction` make.

    Raises: ValueError saying what is wrong.
    """
    try:
        found = json.loads(
            text, parse_int=whole, parse_float=fraction, parse_constant=refuse_number, object_pairs_hook=each_once
        )
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError("not JSON") from error
    if not isinstance(found, dict):
        raise ValueError("not a JSON object")
    return found


def each_once(pairs: Sequence[tuple[str, T]]) -> dict[str, T]:
    """Return the pairs as a table. Raises: ValueError where a key stands twice."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key is there twice")
    return found


def refuse_number(text: str) -> NoReturn:
    """Refuse NaN, Infinity, or a fraction where none may stand. Raises: ValueError."""
    raise ValueError(f"{text[:20]} is no number here")
