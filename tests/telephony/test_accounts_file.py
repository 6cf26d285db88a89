"""The file that a switch reads at each call: whole organisations, old rules for a day, no digest for strangers."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from k5web.domain.pbx.switch_tables import PbxImage, Queue, SipLogin
from k5web.errors import SwitchFilesClosed
from k5web.telephony.accounts_file import RULES_STAY_S, AccountsFile, digest_of

NOW_S = 1_795_866_191
DAY_S = 86_400
SHOP = PbxImage(
    8841,
    3,
    {"in/74951110001": "8841|8841r3|free|", "rule/8841r3/start": "ring|u8841-1|20|||", "ext/8841/201": "u8841-1"},
    (SipLogin("u8841-1", "0" * 32, "phone"), SipLogin("w8841-00ff00ff00ff00ff", "1" * 32, "browser")),
    (Queue("k5-8841", ("u8841-1",)),),
)
OTHER = PbxImage(8842, 1, {"in/74951110002": "8842|8842r1|free|"}, (SipLogin("u8842-1", "2" * 32, "phone"),))


def no_queues(text: str) -> None:
    """Write none."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "lib" / "accounts.sqlite3"


@pytest.fixture
def accounts(path: Path) -> AccountsFile:
    return AccountsFile(path, make_folder=True)


def put(accounts: AccountsFile, *images: PbxImage, now_s: int = NOW_S, emergency: str = "") -> None:
    accounts.tell_versions(images, accounts.put(images, emergency, now_s, no_queues))


def entries(path: Path) -> Mapping[str, str]:
    """What the switch finds."""
    with closing(sqlite3.connect(path)) as db:
        return dict(db.execute("select key, val from k5"))


def rows(path: Path, table: str) -> Mapping[str, Mapping[str, object]]:
    with closing(sqlite3.connect(path)) as db:
        db.row_factory = sqlite3.Row
        return {row["id"]: dict(row) for row in db.execute(f"select * from {table}")}


def test_a_file_that_was_absent_has_no_version_and_is_for_the_group_alone(accounts: AccountsFile, path: Path) -> None:
    assert accounts.versions() == {}
    put(accounts, SHOP)
    assert {file.stat().st_mode & 0o777 for file in path.parent.iterdir()} == {0o660}


def test_organisations_are_there_whole(accounts: AccountsFile, path: Path) -> None:
    put(accounts, SHOP, OTHER)
    assert accounts.versions() == {8841: 3, 8842: 1}
    assert entries(path) == {**SHOP.entries, **OTHER.entries}
    phone, browser = rows(path, "ps_endpoints")["u8841-1"], rows(path, "ps_endpoints")["w8841-00ff00ff00ff00ff"]
    assert (phone["accountcode"], phone["set_var"], phone["context"]) == ("8841", "__K5_OWNER=8841", "k5-user")
    assert (phone["allow"], phone["webrtc"]) == ("alaw,ulaw", None)
    assert (browser["allow"], browser["webrtc"]) == ("alaw,opus,ulaw", "yes")
    assert rows(path, "ps_auths")["u8841-1"]["password_digest"] == "MD5:" + "0" * 32
    assert set(rows(path, "ps_aors")) == {"u8841-1", "w8841-00ff00ff00ff00ff", "u8842-1"}


def test_the_file_is_changed_in_place(accounts: AccountsFile, path: Path) -> None:
    """The switch has it open: a file of the same name would be another one."""
    put(accounts, SHOP)
    before = path.stat().st_ino
    put(accounts, OTHER)
    assert path.stat().st_ino == before


def test_what_an_organisation_gave_up_is_gone_and_nobody_elses(accounts: AccountsFile, path: Path) -> None:
    put(accounts, SHOP, OTHER)
    put(accounts, PbxImage(8841, 4, {"in/74951110009": "8841|8841r4|free|"}))
    assert entries(path).keys() == {"in/74951110009", "in/74951110002", "rule/8841r3/start"}
    assert set(rows(path, "ps_endpoints")) == set(rows(path, "ps_auths")) == set(rows(path, "ps_aors")) == {"u8842-1"}
    assert accounts.versions() == {8841: 4, 8842: 1}


def test_a_number_goes_from_one_organisation_to_another_in_one_change(accounts: AccountsFile, path: Path) -> None:
    put(accounts, SHOP, OTHER)
    moved = replace(OTHER, version=2, entries={"in/74951110001": "8842|8842r1|free|"})
    put(accounts, moved, replace(SHOP, version=4, entries={}))
    assert entries(path)["in/74951110001"] == "8842|8842r1|free|"


def test_an_old_rule_stays_for_a_day(accounts: AccountsFile, path: Path) -> None:
    """B10: a call that is in the menu goes on by the rule it began with."""
    put(accounts, SHOP)
    later = replace(SHOP, version=4, entries={"in/74951110001": "8841|8841r4|free|", "rule/8841r4/start": "hang|17"})
    put(accounts, later, now_s=NOW_S + 60)
    put(accounts, later, now_s=NOW_S + 60 + RULES_STAY_S - 1)
    assert entries(path)["rule/8841r3/start"] == "ring|u8841-1|20|||"
    put(accounts, later, now_s=NOW_S + 60 + RULES_STAY_S)
    assert entries(path).keys() == {"in/74951110001", "rule/8841r4/start"}
    assert RULES_STAY_S == DAY_S


def test_a_rule_that_is_in_force_again_is_no_old_one(accounts: AccountsFile, path: Path) -> None:
    put(accounts, SHOP)
    put(accounts, replace(SHOP, version=4, entries={}), now_s=NOW_S + 60)
    put(accounts, replace(SHOP, version=5), now_s=NOW_S + 120)
    put(accounts, OTHER, now_s=NOW_S + 3 * DAY_S)
    assert "rule/8841r3/start" in entries(path)


def test_a_forgotten_organisation_leaves_nothing(accounts: AccountsFile, path: Path) -> None:
    put(accounts, SHOP, OTHER)
    accounts.forget((8841,), no_queues)
    assert (entries(path), accounts.versions()) == (OTHER.entries, {8842: 1})
    assert set(rows(path, "ps_endpoints")) == {"u8842-1"}


def test_a_browser_may_dial_until_a_moment(accounts: AccountsFile, path: Path) -> None:
    until = datetime(2026, 12, 1, 17, 0, tzinfo=UTC)
    put(accounts, PbxImage(8841, 1, {}, (SipLogin("w8841-00ff00ff00ff00ff", "1" * 32, "browser", until=until),)))
    assert entries(path) == {"until/w8841-00ff00ff00ff00ff": str(int(until.timestamp()))}


def test_an_account_may_be_bound_to_networks(accounts: AccountsFile, path: Path) -> None:
    login = SipLogin("u8841-1", "0" * 32, "phone", ("192.0.2.0/24", "2001:db8::/32"))
    put(accounts, PbxImage(8841, 1, {}, (login,)))
    row = rows(path, "ps_endpoints")["u8841-1"]
    assert (row["deny"], row["permit"]) == ("0.0.0.0/0,::/0", "192.0.2.0/24,2001:db8::/32")


def test_the_emergency_trunk_comes_and_goes_with_the_setting(accounts: AccountsFile, path: Path) -> None:
    put(accounts, SHOP, emergency="trunk-a|74950000000")
    assert entries(path)["emergency"] == "trunk-a|74950000000"
    put(accounts, OTHER)
    assert "emergency" not in entries(path)


def test_another_emergency_trunk_needs_no_organisation_to_be_told(accounts: AccountsFile, path: Path) -> None:
    put(accounts, SHOP)
    for way in ("trunk-a|74950000000", "trunk-b|74950000000"):
        accounts.tell_emergency(way)
        accounts.tell_emergency(way)
        assert entries(path) == {**SHOP.entries, "emergency": way}
    accounts.tell_emergency("")
    assert entries(path) == SHOP.entries


def test_queues_of_all_organisations_are_one_text(accounts: AccountsFile) -> None:
    written: list[str] = []
    accounts.put((SHOP,), "", NOW_S, written.append)
    digest = accounts.put(
        (replace(OTHER, queues=(Queue("k5-8842", ("u8842-1", "u8842-2")),)),), "", NOW_S, written.append
    )
    assert [written[-1].count(f"[k5-{owner}]\n") for owner in (8841, 8842)] == [1, 1]
    assert "member => Local/u8842-2@k5-agent/n,0,u8842-2\n" in written[-1]
    assert digest == digest_of(written[-1]) != accounts.loaded_queues() == digest_of("")


def test_until_its_queues_are_in_force_an_organisation_has_no_version(accounts: AccountsFile) -> None:
    put(accounts, SHOP)
    digest = accounts.put((replace(SHOP, version=4),), "", NOW_S, no_queues)
    assert accounts.versions() == {}
    accounts.tell_versions((SHOP,), digest)  # whoever wrote the older one is late
    assert accounts.versions() == {}
    accounts.tell_versions((replace(SHOP, version=4),), digest)
    assert accounts.versions() == {8841: 4}


def test_where_the_queues_cannot_be_written_nothing_is_changed(accounts: AccountsFile, path: Path) -> None:
    def full(text: str) -> None:
        raise OSError(28, "No space left on device")

    put(accounts, SHOP)
    with pytest.raises(SwitchFilesClosed, match="No space left"):
        accounts.put((OTHER,), "", NOW_S, full)
    assert (entries(path), accounts.versions()) == (SHOP.entries, {8841: 3})


def test_a_file_that_is_none_is_said_so(accounts: AccountsFile, path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"no database at all" * 100)
    with pytest.raises(SwitchFilesClosed, match="not a database"):
        accounts.versions()


def test_the_folder_of_a_switch_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(SwitchFilesClosed):
        AccountsFile(tmp_path / "nowhere" / "lib" / "accounts.sqlite3", make_folder=False).versions()
    assert not (tmp_path / "nowhere").exists()
