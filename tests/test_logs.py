"""The log: one line an event, facts beside the words, no text from outside can forge a line. Trial: S28."""

import logging
import re
import shutil
import sys
from pathlib import Path

import pytest

from app import open_ports
from bench.house import log_in
from k5web.domain.prices.number import Msisdn
from k5web.logs import OneLine
from k5web.services.accounts.accounts import add_subscriber
from tests.processes import Processes, running, wait_for
from tests.services.house import OWN, publish

PASSWORD = "correct horse"
STAMP = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"


def line(words: str, *arguments: object, **facts: object) -> str:
    """Return what the log writes of an event."""
    facts_and_place = {"name": "k5web.x", "levelname": "INFO", "levelno": logging.INFO, "msg": words, "args": arguments}
    return OneLine().format(logging.makeLogRecord(facts_and_place | facts))


def test_facts_stand_behind_the_words() -> None:
    assert re.fullmatch(
        rf"{STAMP} INFO k5web\.x call settled call_id=8-1 outcome=\"not known\" cost=0 empty=\"\"",
        line("call %s", "settled", call_id="8-1", outcome="not known", cost=0, empty=""),
    )


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\x0b", "\x85", "\u2028", "\x1b[2J", "\0", "\ud800"])
def test_a_text_from_outside_makes_no_second_line(end: str) -> None:
    forged = f"x{end}2026-12-01T00:00:00.000Z INFO k5web.services.calls.settling call settled"
    for written in (line(forged), line("%s", forged), line("said", reason=forged)):
        assert len(written.splitlines()) == 1
        assert written.isprintable()


def test_a_trace_is_set_in_from_the_lines_around_it() -> None:
    try:
        raise ValueError("one\n2026-12-01T00:00:00.000Z INFO forged")
    except ValueError:
        written = line("bug", exc_info=sys.exc_info()).splitlines()
    assert written[1] == "    Traceback (most recent call last):"
    assert all(below.startswith("    ") for below in written[1:])


@pytest.mark.server
def test_real_processes_write_their_events_with_the_facts(sqlite_template: Path, tmp_path: Path) -> None:
    shutil.copyfile(sqlite_template, tmp_path / "k5.db")
    processes = Processes(f"sqlite:///{tmp_path / 'k5.db'}", tmp_path)
    ports = open_ports(processes.settings)
    owner = add_subscriber(ports, Msisdn.parse(OWN), PASSWORD, "Анна")
    publish(ports)
    ports.sessions.dispose()
    with running(processes):
        processes.start_simulator()
        address = processes.start_web()
        phone = log_in(address, OWN, PASSWORD)
        token = re.findall(r'name="csrf_token" value="([^"]+)"', phone.get(f"{address}/me/profile", timeout=60).text)[0]
        sent = {"csrf_token": token, "password": PASSWORD, "new_password": "another long one"}
        phone.post(f"{address}/me/profile/password", sent, timeout=60)
        facts = rf"owner_id={owner.id} devices_ended=0 tokens_ended=0"
        told = rf"(?m)^{STAMP} INFO k5web\.services\.accounts\.accounts password changed {facts}$"
        wait_for(lambda: re.search(told, processes.logged("serve")), "the web's event")
    assert re.search(rf"^{STAMP} INFO k5web\.telephony\.simulator\.server the sim", processes.logged("simulator"))
