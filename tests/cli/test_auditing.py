"""Each command is known to be a deed or not; deeds are in the audit before they begin, by whoever ran them (S26)."""

from collections.abc import Iterator

import click
import pytest

from k5web.cli import main
from k5web.cli.auditing import DEEDS, OTHERS
from k5web.domain.desk.audit import AuditFilter, AuditLine
from k5web.services.desk import audit
from k5web.services.ports import Ports
from tests.cli.conftest import K5


def commands(group: click.Group = main, path: str = "") -> Iterator[str]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{path}{name} ")
        else:
            yield f"{path}{name}"


def lines(ports: Ports) -> list[AuditLine]:
    return list(audit.stream(ports, AuditFilter()))


def test_every_command_is_said_to_be_a_deed_or_not() -> None:
    assert set(commands()) == DEEDS | OTHERS
    assert not DEEDS & OTHERS


def test_a_deed_is_written_down_with_whom_why_and_how_it_ended(k5: K5, subscriber: int, ports: Ports) -> None:
    assert k5("subscriber", "block", "+79161234567", "--reason", "жалоба банка").exit_code == 0
    [line] = [line for line in lines(ports) if line.action == "k5 subscriber block"]
    assert (line.actor, line.owner_id, line.reason, line.outcome) == (
        "staff:a.ivanova", subscriber, "жалоба банка", "done",
    )  # fmt: skip


def test_no_whole_number_and_no_secret_is_among_the_facts(k5: K5, subscriber: int, ports: Ports) -> None:
    k5("subscriber", "passwd", "+79161234567", "--password", "correct horse battery")
    k5("subscriber", "inn", str(subscriber), "7708789018")
    said = " ".join(str(line) for line in lines(ports))
    assert "k5 subscriber passwd" in said
    assert not [word for word in ("79161234567", "correct horse", "7708789018") if word in said]


def test_a_refusal_is_its_end(k5: K5, subscriber: int, ports: Ports) -> None:
    assert k5("subscriber", "unblock", "100999", "--reason", "x").exit_code == 1
    assert [(line.owner_id, line.outcome) for line in lines(ports)][-1] == (None, "not_found")


@pytest.mark.parametrize("words", [("subscriber", "limits", "100001"), ("quote", "+79161234567", "+74951234567")])
def test_what_only_looks_is_not_written_down(k5: K5, subscriber: int, ports: Ports, words: tuple[str, ...]) -> None:
    before = lines(ports)
    k5(*words)
    assert lines(ports) == before
