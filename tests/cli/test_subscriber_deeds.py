"""Who there is, how they are called, the end of a contract by its subscriber's application (B12)."""

from k5web.domain.desk.audit import AuditFilter
from k5web.services.accounts import accounts, endings
from k5web.services.desk import audit
from k5web.services.ports import Ports
from tests.cli.conftest import K5


def test_subscribers_are_listed_a_page_at_a_time(k5: K5, subscriber: int) -> None:
    assert k5("subscriber", "add", "+79161234568", "--password", "correct horse").exit_code == 0
    first = k5("subscriber", "list", "--limit", "1")
    assert (first.exit_code, first.stderr) == (0, f"there are more: --after {subscriber}\n")
    second = k5("subscriber", "list", "--after", str(subscriber))
    assert [line.split()[0] for line in (first.stdout + second.stdout).splitlines()] == ["100001", "100002"]
    assert k5("subscriber", "block", "100002", "--reason", "проверка").exit_code == 0
    assert [line.split()[0] for line in k5("subscriber", "list", "--blocked").stdout.splitlines()] == ["100002"]
    assert k5("subscriber", "list", "--after", "100002").stdout == "there is no such subscriber\n"


def test_a_name_and_a_language_are_changed_and_told(k5: K5, subscriber: int, ports: Ports) -> None:
    edited = k5("subscriber", "edit", "+79161234567", "--name", "Анна  Ивановна", "--language", "ky")
    assert edited.stdout == "100001: name Анна Ивановна, language ky, presses nothing\n", edited.output
    assert k5("subscriber", "edit", "100001", "--name", "", "--press-1", "--language", "browser").exit_code == 0
    owner = accounts.find_subscriber(ports, "100001")
    assert (owner.name, owner.language, owner.press_1) == ("", None, True)
    assert k5("subscriber", "edit", "100001").exit_code == 2
    assert k5("subscriber", "edit", "100001", "--name", "x" * 500).exit_code == 1


def test_a_contract_ends_as_the_cabinet_ends_it_and_is_asked_about(k5: K5, subscriber: int, ports: Ports) -> None:
    refused = k5("subscriber", "close", "100001")
    assert refused.exit_code == 2
    assert endings.standing(ports, subscriber) is None
    closed = k5("subscriber", "close", "100001", "--yes")
    ending = endings.standing(ports, subscriber)
    assert ending is not None
    assert closed.stdout == f"100001: the contract ends for subscriber, last day {ending.last_day}\n"
    assert (ending.why, ending.actor) == ("subscriber", "staff:a.ivanova")
    assert k5("subscriber", "close", "100001", "--yes").stdout == closed.stdout
    assert k5("subscriber", "keep", "100001").exit_code == 0
    assert endings.standing(ports, subscriber) is None
    assert "k5 subscriber close" in {line.action for line in audit.stream(ports, AuditFilter())}


def test_a_direction_is_no_contract(k5: K5, subscriber: int) -> None:
    """`close LOGIN DIRECTION` once took a direction back: it must not end anything now."""
    assert k5("subscriber", "close", "100001", "satellite", "--yes").exit_code == 2
