"""`k5 staff`: somebody is taken on, shown once what to log in with, changed, let in no more."""

import re

import pytest

from k5web.services.accounts.accounts import Browser
from k5web.services.desk import staff
from k5web.services.ports import Ports
from tests.cli.conftest import K5


def test_whoever_is_taken_on_can_log_in_with_what_was_printed(k5: K5, ports: Ports) -> None:
    done = k5("staff", "add", "b.petrov", "--name", "Борис", "--role", "money", "--role", "desk")
    assert done.exit_code == 0, done.output
    assert re.search(r"otpauth://totp/K5:b\.petrov\?secret=[A-Z2-7]{32}&issuer=K5", done.output)
    assert "█" in done.output
    password = re.search(r"Password: (\S+)", done.output)
    assert password
    code = staff.current_code(ports, "b.petrov")
    assert staff.log_in(ports, "b.petrov", password[1], code, Browser("Chrome", None)).token
    assert "b.petrov: Борис, desk, money, last here" in k5("staff", "list").output


def test_roles_change_and_the_last_owner_stays(k5: K5, ports: Ports) -> None:
    assert "nobody yet" in k5("staff", "list").output
    k5("staff", "add", "anna", "--name", "Анна", "--role", "owner")
    refused = k5("staff", "roles", "anna", "--role", "desk")
    assert (refused.exit_code, "the last one with the role owner" in refused.output) == (1, True)
    k5("staff", "add", "boris", "--name", "Борис", "--role", "owner")
    assert k5("staff", "roles", "anna", "--role", "desk").output == "anna: desk\n"
    assert k5("staff", "end", "anna", "--reason", "ушла").exit_code == 0
    assert "anna: Анна, ended" in k5("staff", "list").output


def test_a_reset_prints_another_password(k5: K5) -> None:
    first = k5("staff", "add", "anna", "--name", "Анна", "--role", "desk").output
    assert k5("staff", "reset", "anna").output != first
    assert k5("staff", "reset", "nobody").exit_code == 1


@pytest.mark.parametrize("words", [("add", "anna", "--name", "x"), ("add", "anna", "--name", "x", "--role", "king")])
def test_a_role_must_be_one(k5: K5, words: tuple[str, ...]) -> None:
    assert k5("staff", *words).exit_code == 2
