"""What each house of a test would do anew although it is the same each time: most of the time of a page's test.

Routes and templates are compiled once a process, and passwords are hashed at the least cost that Argon2 knows. What K5
does is not changed by it: `tests/services/accounts/test_passwords.py` hashes as K5 itself does.
"""

from collections.abc import Callable
from typing import Any, Final

from argon2 import PasswordHasher
from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.routing import Rule

from k5web.services.accounts import passwords

AS_K5_HASHES: Final = passwords._HASHER
NOBODY: Final = passwords._NOBODY
_LEAST: Final = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)

_compile = Rule._compile_builder
_builders: dict[tuple[object, ...], Callable[..., Any]] = {}


class _Templates(BytecodeCache):
    """Compiled templates, by their text."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if kept := self._kept.get(bucket.key + bucket.checksum):
            bucket.bytecode_from_string(kept)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key + bucket.checksum] = bucket.bytecode_to_string()


def _builder(rule: Rule, append_unknown: bool = True) -> Callable[..., Any]:
    """Return what builds the addresses of a route; it depends on the route's parts and defaults alone."""
    key = (tuple(rule._trace), repr(rule.defaults), append_unknown)
    if key not in _builders:
        _builders[key] = _compile(rule, append_unknown)
    return _builders[key]


def share() -> None:
    """Let all houses of this process share it."""
    Rule._compile_builder = _builder  # type: ignore[method-assign, assignment]
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": _Templates()}
    passwords._HASHER = _LEAST  # type: ignore[misc]
    passwords._NOBODY = _LEAST.hash("nobody has this password")  # type: ignore[misc]
