"""Passwords: which are refused, how they are kept, how guessers wait for the processor. Promises: S10, S11, S23."""

from collections.abc import Callable
from typing import Literal

import pytest
from argon2 import PasswordHasher

from k5web.domain.prices.number import Msisdn
from k5web.errors import Busy, WeakPassword
from k5web.services.accounts import accounts, passwords
from k5web.storage.accounts import subscribers
from k5web.turns import Turns
from tests.services.house import House
from tests.services.visits import RIGHT, log_in, refusal
from tests.shared_work import AS_K5_HASHES, NOBODY


@pytest.mark.parametrize(
    ("password", "rule"),
    [
        ("1234567", "short"),
        ("x" * 129, "long"),
        ("79161234567", "own"),
        ("9161234567", "own"),
        ("12345678", "own"),
        ("23456789", "digits"),
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


def test_a_hash_of_older_parameters_is_renewed_at_login(k5: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_HASHER", AS_K5_HASHES)
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


def test_the_hash_of_nobody_is_made_as_all_others_are() -> None:
    assert AS_K5_HASHES.verify(NOBODY, "nobody has this password")
    assert not AS_K5_HASHES.check_needs_rehash(NOBODY)


OWN_WORDS = (
    """89261110001 +7(926)111-00-01 8-926-1110001 мой1110001 анна1985 Анна-1985 Kuzmenko77 100007100007 Кузьменко1"""
)


@pytest.mark.parametrize("password", [*OWN_WORDS.split(), "+7 926 111 00 01"])
def test_the_own_name_and_number_are_refused_however_they_are_written(password: str) -> None:
    with pytest.raises(WeakPassword) as caught:
        passwords.check(password, passwords.names_of("Анна Кузьменко", Msisdn("79261110001"), 100007))
    assert caught.value.facts["rule"] == "own"


def test_whoever_finds_no_turn_is_told_at_once_and_nothing_is_counted(
    k5: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords, "_TURNS", Turns(at_once=1))
    visit = log_in(k5)
    with passwords.turn():
        acts: list[Callable[[], object]] = [
            lambda: log_in(k5),
            lambda: log_in(k5, password="battery staple"),
            lambda: log_in(k5, "+79160000000"),
            lambda: accounts.confirm(k5.ports, k5.caller, visit.device, RIGHT),
            lambda: accounts.change_password(k5.ports, k5.caller, "another long one"),
        ]
        for act in acts:
            assert isinstance(refusal(act), Busy)
    assert refusal(lambda: log_in(k5, password="battery staple")).facts["attempts_left"] == 4
