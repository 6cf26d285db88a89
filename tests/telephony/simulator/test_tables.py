"""The file that K5 writes ahead, as the simulated switch reads it."""

import sqlite3
import time
from contextlib import closing
from pathlib import Path

from k5web.telephony.simulator.tables import AccountsTables
from tests.telephony.simulator.town import NUMBER, accounts_file


def test_it_looks_up_what_is_there_and_only_that(tmp_path: Path) -> None:
    accounts_file(tmp_path, {"ext/8841/205": "u8841-1&u8841-3"})
    tables = AccountsTables(tmp_path)
    assert tables.entry(f"in/{NUMBER}") == "8841|8841r1|free|"
    assert tables.entry("in/7495") is None
    assert tables.members("k5-8841-1") == "u8841-2&u8841-1"
    assert [tables.extension(login) for login in ("u8841-1", "u8841-2", "u8841-9", "w8841-00")] == [
        "201",
        "486",
        None,
        None,
    ]


def test_an_account_without_an_extension_is_still_a_phone(tmp_path: Path) -> None:
    accounts_file(tmp_path, {})
    with closing(sqlite3.connect(tmp_path / "lib" / "accounts.sqlite3")) as db, db:
        db.execute("insert into ps_endpoints values ('u8841-7')")
    assert AccountsTables(tmp_path).extension("u8841-7") == "201"


def test_a_file_or_a_table_that_is_not_there_has_nothing_in_it(tmp_path: Path) -> None:
    tables = AccountsTables(tmp_path)
    assert (tables.entry(f"in/{NUMBER}"), tables.take_ahead("8841/in-1")) == (None, "")
    (tmp_path / "lib").mkdir()
    sqlite3.connect(tmp_path / "lib" / "accounts.sqlite3").close()
    assert tables.entry(f"in/{NUMBER}") is None


def test_an_answer_given_ahead_is_taken_once_and_not_after_its_time(tmp_path: Path) -> None:
    later, answer = int(time.time()) + 600, "yes|8841-9|599000|647|trunk-a||"
    accounts_file(tmp_path, {}, {"8841/forward-7916": f"{answer}|{later}", "8841/in-7800": f"{answer}|1"})
    tables = AccountsTables(tmp_path)
    assert [tables.take_ahead("8841/forward-7916") for _ in range(2)] == [answer, ""]
    assert tables.take_ahead("8841/in-7800") == ""
