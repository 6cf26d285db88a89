"""What the simulated switch was told ahead: the same file that a real one reads, `lib/accounts.sqlite3`."""

import sqlite3
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

from k5web.telephony.switch_files import ACCOUNTS

BUSY_S: Final = 5.0


class AccountsTables:
    """Looks things up; a file that is not there has nothing in it."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / ACCOUNTS

    def entry(self, key: str) -> str | None:
        """Return a value of the table k5."""
        return self._one("select val from k5 where key = ?", [key])

    def members(self, queue: str) -> str | None:
        """Return the logins of a queue, joined by `&`."""
        return self._one("select members from k5_queue where name = ?", [queue])

    def extension(self, login: str) -> str | None:
        """Return an extension of this account, the first of several; None where no phone registers by it.

        The phones of this town have accounts of the kind u<owner>-<n>: no browser ever answers here.
        """
        kind, owner = login[:1], login[1:].partition("-")[0]
        if kind != "u" or not self._one("select id from ps_endpoints where id = ?", [login]):
            return None
        prefix = f"ext/{owner}/"
        key = self._one(
            "select key from k5 where key > ? and key < ? and key <> ? and '&' || val || '&' like ? order by key",
            [prefix, f"ext/{owner}0", f"{prefix}0", f"%&{login}&%"],
        )
        return key.removeprefix(prefix) if key else "201"  # in no extension: still a phone, a person's

    def take_ahead(self, key: str) -> str:
        """Take out what was answered ahead; "" where there is nothing, or not any more."""
        found = self._one("delete from k5_ahead where key = ? returning val", [key]) or ""
        answer, _, until = found.rpartition("|")
        return answer if until.isdigit() and int(until) > time.time() else ""

    def _one(self, statement: str, values: Sequence[str]) -> str | None:
        if not self._path.exists():
            return None
        with closing(sqlite3.connect(self._path, timeout=BUSY_S, isolation_level=None)) as db:
            try:
                found = db.execute(statement, values).fetchone()
            except sqlite3.OperationalError as error:
                if "no such table" in str(error):  # it is being made
                    return None
                raise
        return None if found is None else str(found[0])
