"""The log: one line an event, facts beside the words, no text from outside can forge a line. Trial: S28."""

import ast
import json
import logging
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app import open_ports
from bench.house import log_in
from k5web import logs, request_id
from k5web.domain.prices.number import Msisdn
from k5web.logs import OneLine, OneObject
from k5web.services.accounts.accounts import add_subscriber
from tests.processes import ROOT, Processes, running, wait_for
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
        facts = rf"owner_id={owner.id} devices_ended=0 tokens_ended=0 request_id=[0-9a-f]{{16}}"
        told = rf"(?m)^{STAMP} INFO k5web\.services\.accounts\.accounts password changed {facts}$"
        wait_for(lambda: re.search(told, processes.logged("serve")), "the web's event")
    assert re.search(rf"^{STAMP} INFO k5web\.telephony\.simulator\.server the sim", processes.logged("simulator"))


def as_json(words: str, *arguments: object, **facts: object) -> str:
    """Return what the log writes of an event as an object."""
    facts_and_place = {"name": "k5web.x", "levelname": "INFO", "levelno": logging.INFO, "msg": words, "args": arguments}
    return OneObject().format(logging.makeLogRecord(facts_and_place | facts))


def test_an_event_is_one_object_with_its_facts() -> None:
    told = json.loads(as_json("call %s", "settled", call_id="8-1", cost_minor=660, reason=ValueError("x")))
    assert re.fullmatch(STAMP, told.pop("at"))
    assert told == {
        "level": "INFO", "place": "k5web.x", "event": "call settled",
        "call_id": "8-1", "cost_minor": 660, "reason": "x",
    }  # fmt: skip


@pytest.mark.parametrize("end", ["\n", "\r\n", "\x85", "\u2028", "\x1b[2J", "\0", "\ud800", '"'])
def test_no_text_from_outside_ends_an_object(end: str) -> None:
    forged = f'x{end}{{"event": "call settled"}}'
    written = as_json("said %s", forged, reason=forged)
    assert written.isascii()
    assert len(written.splitlines()) == 1
    assert json.loads(written)["reason"] == forged


def test_a_trace_is_a_text_of_the_object() -> None:
    try:
        raise ValueError("one")
    except ValueError:
        told = json.loads(as_json("bug", exc_info=sys.exc_info()))
    assert told["trace"].startswith("Traceback")


def test_lines_of_a_request_carry_its_name_and_others_none(capsys: pytest.CaptureFixture[str]) -> None:
    log, kept = logging.getLogger("k5web.test_logs"), logging.getLogger().handlers[:]
    logging.getLogger().handlers.clear()
    try:
        logs.to_stderr(logging.INFO)
        logs.use("json")
        request_id.begin("0123456789abcdef")
        log.warning("inside")
        request_id.end()
        log.warning("outside")
    finally:
        logging.getLogger().handlers[:] = kept
    inside, outside = (json.loads(line) for line in capsys.readouterr().err.splitlines())
    assert inside["request_id"] == "0123456789abcdef"
    assert "request_id" not in outside


def facts_of(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield line and name of each fact that is handed to the log, also by way of a dictionary with a name."""
    kept = {
        target.id: node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.keyword) and node.arg == "extra"):
        told = [node for node in ast.walk(call.value) if isinstance(node, ast.Dict)]
        told += [kept[node.id] for node in ast.walk(call.value) if isinstance(node, ast.Name) and node.id in kept]
        for key in (key for found in told for key in found.keys if isinstance(key, ast.Constant)):
            yield key.lineno, str(key.value)


def test_no_fact_has_the_name_of_what_a_record_holds_already() -> None:
    """Python refuses it only where the line is written: in earnest, not in most tests."""
    taken = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}
    seen = 0
    for path in [*(ROOT / "k5web").rglob("*.py"), *(ROOT / "connectors").rglob("*.py")]:
        for line, name in facts_of(ast.parse(path.read_text("utf-8"))):
            seen += 1
            assert name not in taken, f"{path.relative_to(ROOT)}:{line}: call the fact {name!r} otherwise"
    assert seen > 100
