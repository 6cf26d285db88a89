"""TOML from outside: of a bounded size, and whatever is odd is refused in words."""

import codecs
import tomllib
from typing import Any, Final

LARGEST: Final = 1024 * 1024  # bytes: some thousand tables


def read(content: bytes) -> dict[str, Any]:
    """Return what a file says; a byte order mark is left out. Whoever reads the file asks for `LARGEST` and one more.

    Raises: ValueError (too large, no UTF-8, no TOML, a number of thousands of digits, lists too deep).
    """
    if len(content) > LARGEST:
        raise ValueError(f"the file is larger than {LARGEST // 1024 // 1024} MB")
    try:
        return tomllib.loads(decoded(content))
    except RecursionError as error:
        raise ValueError("its lists stand too deep in each other") from error


def decoded(content: bytes) -> str:
    """Return the text of a file as its lines are counted. Raises: ValueError (no UTF-8)."""
    return content.removeprefix(codecs.BOM_UTF8).decode("utf-8").replace("\r\n", "\n")
