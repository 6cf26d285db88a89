"""What each house of a test would do anew although it is the same each time: most of the time of a page's test.

Routes, templates and statements are compiled once a process, a password is estimated once, and passwords are hashed at
the least cost that Argon2 knows. SQLite does not wait for the disk, as PostgreSQL does not (`HASTY` in
`tests/postgres.py`). What K5 does is not changed by it: `test_passwords.py` and `test_guessing.py` of
`tests/services/accounts` hash and estimate as K5 itself does, `tests/storage/test_session.py` waits for the disk as it
does, and processes of K5 share nothing of this.
"""

import functools
from types import MethodType
from typing import Any, Final

from argon2 import PasswordHasher
from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import Engine, event
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule

from k5web.services.accounts import guessing, passwords
from k5web.storage import session
from tests import kept_connections

AS_K5_HASHES: Final = passwords._HASHER
NOBODY: Final = passwords._NOBODY
AS_K5_ESTIMATES: Final = guessing.is_guessed_soon
AS_K5_CONNECTS: Final = session._on_sqlite_connect
_LEAST: Final = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)

_compile: Final = Rule.compile
_rules: dict[tuple[object, ...], Rule] = {}

_create_engine: Final = vars(session)["create_engine"]
_statements: LRUCache[Any, Any] = LRUCache(5000)


class _Templates(BytecodeCache):
    """Compiled templates, by their text."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if kept := self._kept.get(bucket.key + bucket.checksum):
            bucket.bytecode_from_string(kept)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key + bucket.checksum] = bucket.bytecode_to_string()


def _compile_once(rule: Rule) -> None:
    """Take what an equal route of another application was compiled to."""
    assert rule.map is not None
    place = (rule.rule, rule.subdomain, rule.host, rule.map.host_matching, rule.merge_slashes)
    key = (*place, repr(rule.defaults), *rule.map.converters.items())
    known = _rules.get(key)
    if known is None:
        _compile(rule)
        _rules[key] = rule
        return
    rule._parts, rule._trace, rule._converters = known._parts, known._trace, known._converters
    rule.arguments |= known.arguments
    rule._build = MethodType(known._build.__func__, rule)  # type: ignore[attr-defined]
    rule._build_unknown = MethodType(known._build_unknown.__func__, rule)  # type: ignore[attr-defined]


def _engine(*args: Any, **options: Any) -> Engine:
    """Return an engine that finds the statements which another one of its kind compiled."""
    engine: Engine = _create_engine(*args, **options)
    engine._compiled_cache = _statements
    event.listen(engine, "do_connect", kept_connections.take)
    return engine


def _compiles_alike(one: object, other: object) -> bool:
    """Whether two engines speak one language: statements are kept by who speaks it, too."""
    if type(one) is not type(other) or not (isinstance(one, DefaultDialect) and isinstance(other, DefaultDialect)):
        return False
    return (one.paramstyle, one.server_version_info) == (other.paramstyle, other.server_version_info)


def _kind(dialect: DefaultDialect) -> int:
    return hash(type(dialect))


def _connected_in_haste(readonly: bool, connection: Any, record: object) -> None:
    AS_K5_CONNECTS(readonly, connection, record)
    connection.execute("PRAGMA synchronous=OFF")


def share() -> None:
    """Let all houses of this process share it."""
    vars(session)["create_engine"] = _engine
    DefaultDialect.__eq__ = _compiles_alike  # type: ignore[method-assign]
    DefaultDialect.__hash__ = _kind  # type: ignore[method-assign, assignment]
    session._on_sqlite_connect = _connected_in_haste
    guessing.is_guessed_soon = functools.lru_cache(1000)(AS_K5_ESTIMATES)
    Rule.compile = _compile_once  # type: ignore[method-assign, assignment]
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": _Templates()}
    passwords._HASHER = _LEAST  # type: ignore[misc]
    passwords._NOBODY = _LEAST.hash("nobody has this password")  # type: ignore[misc]
