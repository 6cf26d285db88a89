"""What troubles the database, in words with their cure: by the server's code, SQLite's, or what the driver says."""

import logging
import re
import sqlite3
from typing import Final

from sqlalchemy.exc import DBAPIError

from k5web.errors import DatabaseSlow, DatabaseTrouble, Unavailable

logger = logging.getLogger(__name__)

NO_ROLE: Final = "no_role"
_AGAIN = "try the same again in a minute"
WORDS: Final = {
    "connections": ("the database server has no connection free", "raise its max_connections or run fewer processes"),
    "damaged": ("the database's file is damaged", "restore the last backup (docs/operators.md)"),
    "encryption": (
        "K5 and the database server do not agree about encryption",
        "set sslmode and sslrootcert in K5_DATABASE_URL as the server wants them",
    ),
    "file": ("the database's file cannot be used", "give it and its folder to the user that K5 runs as"),
    "full": ("the disk of the database is full", "make room there, then do the same again: nothing was half done"),
    "grant": (
        "the login of K5_DATABASE_URL may not do this",
        "k5 db upgrade runs as the owner of the tables; for all else k5 db check names what is not granted",
    ),
    "lock": ("somebody else writes the same just now", _AGAIN),
    "long": ("the database gave up a question that took too long", "ask for less at once, or when it is less busy"),
    "not_let_in": ("the database server does not let this machine in", "add it to the server's pg_hba.conf"),
    "no_database": ("the server has no database of this name", "set the name right in K5_DATABASE_URL, or create it"),
    "no_host": ("nobody knows the database server's name", "set the host right in K5_DATABASE_URL"),
    "no_server": (
        "no database server answers at that address and port",
        "is it running, and is K5_DATABASE_URL right? If it just starts, try again in a minute",
    ),
    "option": (
        "what stands between K5 and the database server refuses an option",
        "set it as docs/settings.md says of pgbouncer",
    ),
    "password": ("the database refuses the login or its password", "set both right in K5_DATABASE_URL"),
    "role": (
        "the login of K5_DATABASE_URL may not work as k5_app",
        "as its owner: GRANT k5_app TO that login",
    ),
    "standby": ("this database server is a standby and writes nothing", "name the primary in K5_DATABASE_URL"),
    "starting": ("the database server is starting or stopping", _AGAIN),
}
_BY_STATE: Final = {
    "08001": "no_server", "25006": "standby", "28000": "password", "28P01": "password", "3D000": "no_database",
    "42501": "grant", "53100": "full", "53300": "connections", "55P03": "lock", "57014": "long", "57P01": "starting",
    "57P02": "starting", "57P03": "starting",
}  # fmt: skip
_BY_SQLITE: Final = {
    sqlite3.SQLITE_FULL: "full",
    sqlite3.SQLITE_READONLY: "file",
    sqlite3.SQLITE_CANTOPEN: "file",
    sqlite3.SQLITE_PERM: "file",
    sqlite3.SQLITE_CORRUPT: "damaged",
}
# Before a connection stands the driver knows no code; the first of these that fits is meant. The first three are what
# OpenSSL says of a connection that is gone
_BY_SPEECH: Final[tuple[tuple[str, str | None], ...]] = (
    ("ssl connection has been closed", None),
    ("ssl syscall error", None),
    ("unexpected eof", None),
    ("permission denied to set role", "role"),
    ('role "k5_app" does not exist', NO_ROLE),
    ("password authentication failed", "password"),
    ("no password supplied", "password"),
    ("no pg_hba.conf entry", "not_let_in"),
    ("ssl", "encryption"),
    ("certificate", "encryption"),
    ("too many clients", "connections"),
    ("remaining connection slots", "connections"),
    ("unsupported startup parameter", "option"),
    ("the database system is", "starting"),
    ("session is read-only", "standby"),
    ("no such host", "no_host"),
    ("failed to resolve host", "no_host"),
    ("could not translate host name", "no_host"),
    ("connection refused", "no_server"),
    ("timeout expired", "no_server"),
    ("no route to host", "no_server"),
    ("no such file or directory", "no_server"),
)
_SECRET = re.compile(r"(password=)\S+|(://[^:/@\s]*:)[^@/\s]+(?=@)", re.IGNORECASE)


def explained(error: BaseException, use_case: str = "") -> Unavailable:
    """Return this trouble in words, and tell the log once what the driver said; a trouble without a cure passes."""
    kind, facts = kind_of(error), {"use_case": use_case} if use_case else {}
    logger.warning("database trouble", extra={**facts, "reason": first_line(error)})
    if kind is None or kind == NO_ROLE:  # without its role the database is new: commands say so by themselves
        return Unavailable()
    what, cure = WORDS[kind]
    return DatabaseTrouble(what=what, cure=cure)


def too_slow() -> DatabaseSlow:
    """Return that a transaction has no time left, and tell the log."""
    logger.warning("database trouble", extra={"reason": "a transaction has no time left"})
    return DatabaseSlow()


def kind_of(error: BaseException) -> str | None:
    """Return which trouble this is, None where its words would say no more than that the database is away."""
    cause = error.orig if isinstance(error, DBAPIError) else None
    if isinstance(cause, sqlite3.Error):
        return _BY_SQLITE.get(getattr(cause, "sqlite_errorcode", 0) & 0xFF)
    said = str(cause).lower()
    by_words = next((kind for words, kind in _BY_SPEECH if words in said), None)
    if (state := getattr(cause, "sqlstate", None)) is not None:
        return by_words if by_words in {"role", NO_ROLE} else _BY_STATE.get(state)
    is_there = re.search(r'(database|role) "[^"]*" does not exist', said) if by_words is None else None
    return by_words if is_there is None else "no_database" if is_there[1] == "database" else "password"


def first_line(error: BaseException) -> str:
    """Return what the driver said, without a password."""
    said = str(error.orig if isinstance(error, DBAPIError) else error).strip()
    return _SECRET.sub(r"\1\2***", said.partition("\n")[0]) or type(error).__name__


def is_for_operator(error: BaseException) -> bool:
    """Return whether a right is missing or the file is damaged, though the driver calls it no operational error."""
    return kind_of(error) in {"damaged", "grant", "role", NO_ROLE}
