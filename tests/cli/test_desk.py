"""`k5 desk`: what is above the limit waits, and another member of the staff approves it. Promises: S26."""

import re

import pytest

from k5web.domain.desk.audit import AuditFilter
from k5web.domain.desk.proposal import Wish
from k5web.domain.money import rub
from k5web.services.accounts import accounts
from k5web.services.desk import audit, proposals, staff
from k5web.services.ports import Ports
from tests.cli.conftest import K5


def credit(k5: K5, amount: str = "1500.00", document: str = "doc-1") -> str:
    done = k5("subscriber", "credit", "100001", amount, "--document", document)
    assert done.exit_code == 0, done.output
    return str(done.stdout)


def approve(k5: K5, ports: Ports, login: str, password: str, code: str = "") -> tuple[int, str]:
    typed = ("--login", login, "--password", password, "--code", code or staff.current_code(ports, login))
    done = k5("desk", "approve", "1", *typed)
    return done.exit_code, done.output


def take_on(ports: Ports, login: str, role: str = "money") -> str:
    """Return the password of somebody new."""
    return staff.add(ports, login, login, [role], "staff:root").password


@pytest.mark.usefixtures("subscriber")
def test_what_is_above_the_limit_waits_for_a_second_person_who_proves_it(k5: K5, ports: Ports) -> None:
    said = credit(k5)
    assert said == (
        "proposal 1 waits for a second person (1500.00 RUB, with what was moved by hand before, is above 1000.00): "
        "k5 desk approve 1\n"
    )
    assert accounts.purse(ports, 100001).balance == rub("0.00")
    password = take_on(ports, "boris")
    assert approve(k5, ports, "boris", "wrong") == (1, "k5: login, password and code do not fit\n")
    assert approve(k5, ports, "boris", password)[0] == 0
    assert accounts.purse(ports, 100001).balance == rub("1500.00")
    assert k5("desk", "proposals").stdout == "no proposal waits\n"
    assert "done by staff:boris" in k5("desk", "proposals", "--all").stdout


@pytest.mark.usefixtures("subscriber")
def test_nobody_approves_what_they_asked_for_themselves(k5: K5, ports: Ports, environ: dict[str, str]) -> None:
    credit(k5)
    password = take_on(ports, "a.ivanova")  # K5_STAFF of these commands
    status, said = approve(k5, ports, "a.ivanova", password)
    assert (status, "is your own" in said) == (1, True)
    environ["K5_STAFF"] = "A.IVANOVA"  # the same person, shouting
    assert k5("desk", "refuse", "1", "--reason", "x").exit_code == 1
    assert accounts.purse(ports, 100001).balance == rub("0.00")


@pytest.mark.usefixtures("subscriber")
def test_who_has_no_role_for_money_approves_none(k5: K5, ports: Ports) -> None:
    credit(k5)
    password = take_on(ports, "clara", "prices")
    assert approve(k5, ports, "clara", password)[0] == 1
    assert accounts.purse(ports, 100001).balance == rub("0.00")


def test_who_has_a_role_for_money_approves_no_prices(k5: K5, ports: Ports) -> None:
    proposals.propose(ports, "staff:clara", Wish("deck.withdraw", "form-0001", {"version": 1}, "mistake"))
    password = take_on(ports, "boris")
    assert approve(k5, ports, "boris", password) == (1, "k5: your roles do not allow this (approve_prices)\n")


@pytest.mark.usefixtures("subscriber")
def test_small_credits_one_after_another_come_to_the_limit(k5: K5, ports: Ports) -> None:
    assert [credit(k5, "400.00", str(n)) for n in range(2)] == ["400.00\n", "800.00\n"]
    assert "waits for a second person" in credit(k5, "400.00", "2")
    assert accounts.purse(ports, 100001).balance == rub("800.00")


@pytest.mark.usefixtures("subscriber")
def test_the_list_shows_what_will_happen_and_it_is_refused_or_withdrawn(k5: K5) -> None:
    credit(k5)
    credit(k5, document="doc-2")
    listed = k5("desk", "proposals").stdout
    assert re.search(r"^2  waiting  credit_bank 1500\.00 RUB for 100001  staff:a\.ivanova", listed)
    assert "    owner 100001: 1500.00 RUB, 1500.00 after it, against cash.bank (bank doc-2)" in listed
    assert k5("desk", "withdraw", "1").stdout == "proposal 1 is withdrawn\n"
    assert k5("desk", "refuse", "1", "--reason", "нет").exit_code == 1
    assert k5("desk", "withdraw", "9").exit_code == 1


@pytest.mark.usefixtures("subscriber")
def test_who_approved_what_is_in_the_audit_without_password_and_code(k5: K5, ports: Ports) -> None:
    credit(k5)
    password = take_on(ports, "boris")
    approve(k5, ports, "boris", password)
    lines = audit.lines(ports, AuditFilter(action="k5 desk approve"))
    assert [dict(line.facts) for line in lines] == [{"proposal": "1", "login": "boris"}]
