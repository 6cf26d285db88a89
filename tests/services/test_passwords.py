"""Passwords: what is too easy, how they are kept, how guessers are kept from the processor."""

import threading
from typing import Literal

import pytest
from argon2 import PasswordHasher

from k5web.errors import Later, WeakPassword
from k5web.services import accounts, passwords
from k5web.storage import subscribers
from tests.services.house import House
from tests.services.visits import RIGHT, log_in, refusal


@pytest.mark.parametrize(
    ("password", "rule"),
    [
        ("1234567", "short"),
        ("x" * 129, "long"),
        ("79161234567", "own"),
        ("9161234567", "own"),
        ("12345678", "common"),
        ("23456789", "common"),
        ("QWERTY123", "common"),
        ("aaaaaaaab", "common"),
    ],
)
def test_what_is_guessed_first_is_refused(k5: House, password: str, rule: str) -> None:
    refused = refusal(lambda: accounts.change_password(k5.ports, k5.caller, password))
    assert isinstance(refused, WeakPassword)
    assert refused.facts["rule"] == rule


def test_the_same_letters_composed_differently_are_the_same_password(k5: House) -> None:
    accounts.change_password(k5.ports, k5.caller, "й ё летит")
    log_in(k5, password="и\u0306 е\u0308 летит")


def test_a_hash_of_older_parameters_is_renewed_at_login(k5: House) -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(RIGHT)
    with k5.ports.sessions.begin() as db:
        subscribers.set_password(db, k5.caller.id, weak, k5.clock())
    log_in(k5)
    with k5.ports.sessions.read() as db:
        kept = subscribers.password_hash(db, k5.caller.id)
    assert kept is not None
    assert "m=19456,t=2,p=1" in kept
    log_in(k5)


def test_who_has_no_password_takes_the_time_of_one(monkeypatch: pytest.MonkeyPatch) -> None:
    class Counting(PasswordHasher):
        compared = 0

        def verify(self, *parts: str | bytes) -> Literal[True]:
            type(self).compared += 1
            return super().verify(*parts)

    monkeypatch.setattr(passwords, "_HASHER", Counting(time_cost=2, memory_cost=19 * 1024, parallelism=1))
    assert not passwords.is_right("nobody has this password", None)
    assert Counting.compared == 1


def test_guessers_wait_in_a_line_and_then_are_sent_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_AT_ONCE", threading.BoundedSemaphore(1))
    monkeypatch.setattr(passwords, "_WAIT_S", 0.01)
    with passwords._turn(), pytest.raises(Later):
        passwords.is_right(RIGHT, None)
