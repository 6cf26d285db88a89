"""The files of a switch on this machine: nothing but its own names, nothing half written, its troubles told as ours."""

import os
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from sqlite3 import connect

import pytest

from k5web.config.switches import SwitchSettings
from k5web.domain.pbx.switch_tables import AheadKey, PbxImage, Queue, SwitchTables
from k5web.errors import NotFound, SwitchFilesClosed, SwitchSilent, SwitchUnreachable
from k5web.telephony.switch_files import SwitchFiles, put_file
from tests.telephony.test_ami import DONE, WELCOME, manager
from tests.telephony.test_asterisk import closed_port, reply, wire

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
AHEAD = AheadKey(8841, "forward", "79160000200")
ANSWER = "yes|8841-902|599000|647|trunk-a||"
WITH_QUEUE = PbxImage(8841, 3, {"in/74951110001": "8841|8841r3|free|"}, queues=(Queue("k5-8841", ("u8841-1",)),))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "run" / "spool" / "recording").mkdir(parents=True)
    return tmp_path / "run"


@pytest.fixture
def simulated(folder: Path) -> SwitchSettings:
    """Settings of the simulated switch."""
    url = "http://127.0.0.1:1/ari"
    return SwitchSettings("one", "simulator", url, "k5", "k5", None, "74950000000", 10, (), directory=folder)


@pytest.fixture
def files(simulated: SwitchSettings) -> SwitchFiles:
    return SwitchFiles(simulated, lambda: NOW)


def real(simulated: SwitchSettings, url: str = "http://127.0.0.1:1/ari", ami: str = "127.0.0.1:1") -> SwitchFiles:
    return SwitchFiles(replace(simulated, kind="asterisk", ari_url=url, ami=ami), lambda: NOW)


def test_it_is_the_port(files: SwitchFiles) -> None:
    tables: SwitchTables = files
    assert tables.name == "one"


def test_an_answer_held_ahead_is_taken_back_once(files: SwitchFiles, folder: Path) -> None:
    files.hold_ahead(AHEAD, ANSWER, NOW)
    with closing(connect(folder / "lib" / "accounts.sqlite3")) as db:
        assert db.execute("select * from k5_ahead").fetchall() == [
            ("8841/forward-79160000200", f"{ANSWER}|{int(NOW.timestamp())}")
        ]
    assert files.withdraw(AHEAD)
    assert not files.withdraw(AHEAD)


@pytest.mark.parametrize("trunk", ["", "trunk-a"])
def test_the_settings_say_by_which_trunk_emergency_calls_go(
    simulated: SwitchSettings, folder: Path, trunk: str
) -> None:
    SwitchFiles(replace(simulated, emergency="trunk-b"), lambda: NOW).tell_settings()
    SwitchFiles(replace(simulated, emergency=trunk), lambda: NOW).tell_settings()
    with closing(connect(folder / "lib" / "accounts.sqlite3")) as db:
        told = db.execute("select val from k5 where key = 'emergency'").fetchall()
    assert told == ([(f"{trunk}|74950000000",)] if trunk else [])


@pytest.mark.server
def test_a_real_switch_keeps_an_answer_in_its_own_database(simulated: SwitchSettings) -> None:
    with manager(WELCOME, DONE) as (ami, heard):
        real(simulated, ami=f"{ami.host}:{ami.port}").hold_ahead(AHEAD, ANSWER, NOW)
    assert b"Family: k5-ahead\r\nKey: 8841/forward-79160000200\r\n" in heard[1]
    assert f"Val: {ANSWER}|{int(NOW.timestamp())}\r\n".encode() in heard[1]


def test_queues_are_a_file_of_their_own(files: SwitchFiles, folder: Path) -> None:
    files.write([WITH_QUEUE])
    assert "[k5-8841]\n" in (folder / "lib" / "queues_k5.conf").read_text()
    files.forget([8841])
    assert (folder / "lib" / "queues_k5.conf").read_text() == ""
    assert files.versions() == {}


@pytest.mark.server
def test_a_real_switch_loads_its_queues_again_where_they_changed(simulated: SwitchSettings) -> None:
    with wire(reply(204, "")) as stand_in:
        switch = real(simulated, stand_in.url)
        switch.write([replace(WITH_QUEUE, queues=())])
        switch.write([WITH_QUEUE])
        switch.write([WITH_QUEUE])
    assert [request.split(b" HTTP")[0] for request in stand_in.requests] == [b"PUT /ari/asterisk/modules/app_queue.so"]


@pytest.mark.server
def test_queues_that_the_switch_did_not_load_are_loaded_with_the_next_change(simulated: SwitchSettings) -> None:
    with pytest.raises(SwitchSilent):
        real(simulated, closed_port()).write([WITH_QUEUE])
    with wire(reply(500)) as stand_in, pytest.raises(SwitchSilent, match="queues: status 500"):
        real(simulated, stand_in.url).write([WITH_QUEUE])
    with wire(reply(204, "")) as stand_in:
        switch = real(simulated, stand_in.url)
        assert switch.versions() == {}
        switch.write([WITH_QUEUE])
        assert (len(stand_in.requests), switch.versions()) == (1, {8841: 3})


def test_a_greeting_is_there_whole_and_gone_when_removed(files: SwitchFiles, folder: Path) -> None:
    digest = "0123456789abcdef" * 2
    assert (files.greeting_owners(), files.greetings(8841)) == (frozenset(), frozenset())
    files.put_greeting(8841, digest, b"\xd5")
    [path] = (folder / "lib" / "k5" / "o" / "8841").iterdir()
    assert (path.name, path.read_bytes()) == (f"{digest}.alaw", b"\xd5")
    (path.parent / f".{digest}.alaw.7.part").write_bytes(b"")  # somebody was killed
    assert files.greeting_owners() == {8841}
    assert files.greetings(8841) == {digest}
    assert (path.parent.stat().st_mode & 0o777, path.stat().st_mode & 0o777) == (0o770, 0o640)  # the group reads it
    for _ in range(2):
        files.remove_greeting(8841, digest)
    assert files.greetings(8841) == frozenset()


def test_an_organisation_without_greetings_has_no_folder(files: SwitchFiles, folder: Path) -> None:
    for digest in ("0" * 32, "1" * 32):
        files.put_greeting(8841, digest, b"\xd5")
    files.remove_greeting(8841, "0" * 32)
    assert files.greetings(8841) == {"1" * 32}
    files.remove_greeting(8841, "1" * 32)
    assert files.greeting_owners() == frozenset()


@pytest.mark.parametrize("name", ["../../x", "", "A" * 32, "0" * 15, "0" * 32 + "/x", "0" * 32 + "\n"])
def test_nothing_but_a_digest_becomes_a_path(files: SwitchFiles, folder: Path, name: str) -> None:
    with pytest.raises(NotFound):
        files.put_greeting(8841, name, b"RIFF")
    with pytest.raises(NotFound):
        files.remove_greeting(8841, name)
    assert not (folder / "lib" / "k5").exists()


@pytest.fixture
def recorded(folder: Path) -> str:
    """The name of a recorded file of ten bytes."""
    name = "rec-8841-k5-1795866191.77.alaw"
    path = folder / "spool" / "recording" / name
    path.write_bytes(b"0123456789")
    os.utime(path, (NOW.timestamp(), NOW.timestamp()))
    return name


def test_no_link_leads_a_file_elsewhere(folder: Path, tmp_path: Path) -> None:
    """Root writes into a folder of the switch's group."""
    other = tmp_path / "of root"
    other.write_text("as it was")
    (folder / f".trunks.{os.getpid()}.part").symlink_to(other)
    put_file(folder / "trunks", b"new")
    assert (other.read_text(), (folder / "trunks").read_text()) == ("as it was", "new")


def test_a_recording_is_listed_read_in_parts_and_removed(files: SwitchFiles, recorded: str) -> None:
    assert list(files.recordings()) == [(recorded, 10, NOW)]
    assert files.read_recording(recorded, 0, 4) == b"0123"
    assert files.read_recording(recorded, 8, 100) == b"89"
    assert files.read_recording(recorded, 10, 1) == b""
    files.remove_recording(recorded)
    files.remove_recording(recorded)
    assert list(files.recordings()) == []
    with pytest.raises(NotFound):
        files.read_recording(recorded, 0, 1)


@pytest.mark.parametrize(
    "name", ["../../lib/accounts.sqlite3", "", ".", "..", "a/b.wav", "rec.alaw\n", ".x.alaw", "x\0.wav"]
)
def test_no_other_name_is_a_recording(files: SwitchFiles, recorded: str, name: str) -> None:
    with pytest.raises(NotFound):
        files.read_recording(name, 0, 10)
    with pytest.raises(NotFound):
        files.remove_recording(name)
    assert [found for found, _, _ in files.recordings()] == [recorded]


def test_a_link_a_folder_and_a_pipe_are_no_recordings(files: SwitchFiles, folder: Path, recorded: str) -> None:
    spool = folder / "spool" / "recording"
    (spool / "link.alaw").symlink_to(spool / recorded)
    (spool / "folder.alaw").mkdir()
    os.mkfifo(spool / "pipe.alaw")
    assert [found for found, _, _ in files.recordings()] == [recorded]
    with pytest.raises(SwitchFilesClosed):
        files.read_recording("link.alaw", 0, 10)
    for name in ("folder.alaw", "pipe.alaw"):
        with pytest.raises((NotFound, SwitchFilesClosed)):
            files.read_recording(name, 0, 10)


def test_a_switch_that_recorded_nothing_yet_has_none(simulated: SwitchSettings, tmp_path: Path) -> None:
    assert list(SwitchFiles(replace(simulated, directory=tmp_path), lambda: NOW).recordings()) == []


def test_how_full_the_disk_is_lies_between_nothing_and_all(files: SwitchFiles) -> None:
    assert 0 < files.disk_used() < 1


def test_a_folder_that_is_not_there_is_an_unreachable_switch(simulated: SwitchSettings, tmp_path: Path) -> None:
    gone = SwitchFiles(replace(simulated, kind="asterisk", directory=tmp_path / "gone"), lambda: NOW)
    for ask in (
        gone.versions,
        gone.disk_used,
        lambda: gone.write([WITH_QUEUE]),
        lambda: gone.put_greeting(1, "0" * 32, b""),
    ):
        with pytest.raises(SwitchUnreachable):
            ask()
