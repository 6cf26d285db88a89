"""Back to a moment, as the handbook has it: the WAL is kept, a base backup is led to that moment, the house knows

Trial: R12.
"""

import random
import re
import shutil
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from k5web.errors import HouseRestored
from k5web.storage import restored, schema
from k5web.storage.session import Sessions, open_sessions, transactional
from tests import proofs
from tests.cli.test_db import k5
from tests.conftest import Clock
from tests.databases import serving
from tests.postgres import HASTY
from tests.processes import ROOT, wait_for
from tests.services.house import House

HANDBOOK = (ROOT / "docs" / "operators.md").read_text("utf-8").partition("## Backup")[2].partition("\n## ")[0]
KEPT = "/var/backups/k5"


def balance(url: str) -> int:
    sessions = open_sessions(url, url)
    with sessions.read() as db:
        found = db.scalar(text("SELECT sum(balance_minor) FROM account"))
    sessions.dispose()
    return int(found or 0)


@transactional
def write(sessions: Sessions) -> None:
    """Write something; connections that broke are replaced."""
    with sessions.begin() as db:
        db.execute(text("UPDATE allocator SET next_id = next_id + 1 WHERE kind = 'invoice'"))


@pytest.mark.postgres
@pytest.mark.parametrize("turn", [0, *(pytest.param(turn, marks=pytest.mark.full) for turn in range(1, 6))])
def test_the_house_of_a_moment_comes_back_shut(turn: int) -> None:
    """Each turn another moment among other payments."""
    dice = random.Random(proofs.seed() + turn)
    kept = [dice.randint(1, 1000) for _ in range(dice.randint(1, 20))]
    lost = [dice.randint(1, 1000) for _ in range(dice.randint(1, 20))]
    with serving(HASTY) as server:
        folder = server.folder / "kept"
        (folder / "wal").mkdir(parents=True)
        for place in (folder, folder / "wal"):
            shutil.chown(place, server.user)
        for statement in re.findall(r"^ALTER SYSTEM .+;$", HANDBOOK, re.MULTILINE):
            server.ask(statement.replace(KEPT, str(folder)))
        server.restart()
        schema.upgrade(server.url)
        sessions = open_sessions(server.url, server.url)
        restored.guard(sessions)
        house = House(sessions, Clock())
        house.top_up("100.00")
        command = re.search(r"pg_basebackup --pgdata=\S+/base( .*)'", HANDBOOK)
        assert command
        server.copy_to(folder / "base", *command[1].split())
        for roubles in kept:
            house.top_up(f"{roubles}.00")
        moment = server.ask("SELECT clock_timestamp()")
        for roubles in lost:
            house.top_up(f"{roubles}.00")
        server.ask("SELECT pg_switch_wal()")
        assert balance(server.url) == (100 + sum(kept) + sum(lost)) * 100
        server.bring_back(folder / "base", lines(folder, moment + timedelta(microseconds=1)))
        wait_for(lambda: not server.ask("SELECT pg_is_in_recovery()"), "the server is at the moment")

        assert balance(server.url) == (100 + sum(kept)) * 100, "what was paid after the moment is not there"
        with pytest.raises(HouseRestored):
            write(sessions)  # by a process that lived through it
        server.ask("ALTER SYSTEM RESET recovery_target_time")
        server.restart()
        with pytest.raises(HouseRestored):
            write(sessions)  # the line that told of the moment is gone, and what was found is not forgotten
        for words in (("db", "check"), ("ledger", "verify"), ("db", "opened", "--yes")):
            assert k5(server.url, *words).exit_code == 0
        write(sessions)
        sessions.dispose()
    proofs.figure(
        f"R12: {len(kept)} payments before the moment are there, {len(lost)} after it are not, all invariants"
    )


def lines(folder: Path, moment: datetime) -> str:
    """The handbook's lines for the server's settings, for this folder and moment."""
    block = re.search(r"^```\n(restore_command.*?)^```", HANDBOOK, re.DOTALL | re.MULTILINE)
    assert block
    text = block[1].replace(KEPT, str(folder))
    return re.sub(r"(?<=recovery_target_time = ')[^']+", str(moment), text)
