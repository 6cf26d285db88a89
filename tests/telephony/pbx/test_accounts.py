"""Ten thousand accounts, a file that is locked, a file that was never there."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from k5web.domain.pbx.switch_tables import PbxImage, SipLogin
from k5web.telephony.switch_files import ACCOUNTS
from tests.telephony.pbx.lab import Lab

pytestmark = [pytest.mark.asterisk, pytest.mark.xdist_group("asterisk-pbx"), pytest.mark.timeout(300)]

ACCOUNTS_OF_ALL = 10_000
PER_OWNER = 10
DEARER = 3  # times the start of a switch with a few accounts: those that are not in use cost nothing


def accounts_file(lab: Lab) -> Path:
    assert lab.switch.settings.directory
    return lab.switch.settings.directory / ACCOUNTS


def processor_seconds(pid: int) -> float:
    """What a process used so far. Source: proc(5), utime and stime."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def cost_of_a_start(lab: Lab) -> float:
    """Return what the switch takes of its processor until it answers. Units: seconds."""
    lab.switch.kill()
    lab.switch.start()
    return processor_seconds(lab.switch.pid)


def many() -> list[PbxImage]:
    """Organisations with ten thousand accounts."""
    found = []
    for owner in range(50_000, 50_000 + ACCOUNTS_OF_ALL // PER_OWNER):
        logins = tuple(SipLogin(f"u{owner}-{n}", "0" * 32, "phone") for n in range(1, PER_OWNER + 1))
        found.append(PbxImage(owner, 1, {f"in/7499{owner:07d}": f"{owner}|{owner}r1|free|"}, logins))
    return found


def test_ten_thousand_accounts_are_written_and_cost_a_start_little(lab: Lab) -> None:
    shop = lab.organisation()
    images = many()
    with_few = cost_of_a_start(lab)
    lab.tables.write(images)
    try:
        assert len(lab.tables.versions()) >= len(images)
        assert cost_of_a_start(lab) < DEARER * with_few
        person = shop.phone(1)
        shop.phone(2)
        assert person.call("202") == 200
        person.bye()
    finally:
        lab.tables.forget([image.owner_id for image in images])


@pytest.mark.parametrize("lock", ["immediate", "exclusive"])
def test_a_change_that_is_under_way_delays_no_call(lab: Lab, lock: str) -> None:
    shop, caller = lab.organisation(), lab.outside()
    shop.phone(1)
    shop.rule(start=f"ring|u{shop.owner_id}-1|20|||")
    with closing(sqlite3.connect(accounts_file(lab), isolation_level=None)) as db:
        db.execute(f"begin {lock}")
        db.execute("delete from k5 where key like 'in/%'")
        assert caller.call(shop.number) == 200
        db.execute("rollback")
    caller.bye()


def test_where_the_file_is_absent_numbers_are_busy_until_it_is_written(lab: Lab) -> None:
    shop = lab.organisation()
    shop.rule(start=f"ring|u{shop.owner_id}-1|20|||")
    path = accounts_file(lab)
    lab.switch.kill()
    for part in path.parent.glob(f"{path.name}*"):
        part.unlink()
    lab.switch.start()
    assert lab.outside().call(shop.number) == 486
    person = lab.phone(lab.switch.users_address, f"u{shop.owner_id}-1", "any", "127.0.0.2")
    assert person.register() == 401
    assert lab.tables.versions() == {}
    lab.tables.write([shop.image])
    shop.phone(1)
    caller = lab.outside()
    assert caller.call(shop.number) == 200
    caller.bye()
    assert len(lab.told().said["K5_MISSED"]) == 1
