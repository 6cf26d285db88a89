"""Passwords: what is too easy, how they are kept, how guessers are kept from the processor."""

import threading
from collections.abc import Callable
from typing import Literal

import pytest
from argon2 import PasswordHasher

from k5web.domain.prices.number import Msisdn
from k5web.errors import Busy, WeakPassword
from k5web.services.accounts import accounts, guessing, passwords
from k5web.services.turns import Turns
from k5web.storage.accounts import subscribers
from tests.services.house import House
from tests.services.visits import RIGHT, log_in, refusal


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


# What was tried against the product and taken, what was refused before, and their like in Russian
COMMON = """
    password12 qwerty1234 12345678910 1q2w3e4r5t6y zxcvbnm123 пароль1234 89261110001 abcd1234 iloveyou1 qwertyuiop1
    zaq12wsx asdfghjkl monkey123 dragon123 football1 letmein1 1qazxsw2 12341234a йцукен123 Москва2026
    Пароль2026 Наташа1985 любимая1 Бишкек2025 gfhjkm123 ghbdtn123 privet123 Qwerty2026! P@ssw0rd1 солнышко1 фывапролд1
    Kyrgyzstan1 кыргызстан1 нурлан1990 12121987 йцукенг12 парольпароль 147258369 Spartak1922 rfhnjirf иванов1980
    зфыыцщкв12 ыгзукьфт1 k.,jdm2025
""".split()  # noqa: SIM905 - words to read, not a literal to format
GOOD = (
    "correct horse", "battery staple", "синий трамвай едет", "мама мыла раму быстро", "kofe s molokom 7",
    "лошадь верно скрепка", "ванная комната", "9vK2pLq7", "Xk4!mZq8w", "река Чу весной", "горы-озеро-конь",
)  # fmt: skip


@pytest.mark.parametrize("password", COMMON)
def test_what_guessers_try_first_is_refused(password: str) -> None:
    with pytest.raises(WeakPassword) as caught:
        passwords.check(password)
    assert caught.value.facts["rule"] in {"common", "digits"}


@pytest.mark.parametrize("password", GOOD)
def test_words_that_do_not_belong_together_are_taken_in_either_alphabet(password: str) -> None:
    passwords.check(password, passwords.names_of("Анна Кузьменко", Msisdn("79261110001"), 100007))


OWN_WORDS = (
    """89261110001 +7(926)111-00-01 8-926-1110001 мой1110001 анна1985 Анна-1985 Kuzmenko77 100007100007 Кузьменко1"""
)


@pytest.mark.parametrize("password", [*OWN_WORDS.split(), "+7 926 111 00 01"])
def test_the_own_name_and_number_are_refused_however_they_are_written(password: str) -> None:
    with pytest.raises(WeakPassword) as caught:
        passwords.check(password, passwords.names_of("Анна Кузьменко", Msisdn("79261110001"), 100007))
    assert caught.value.facts["rule"] == "own"


@pytest.mark.parametrize("sign", ["4@8({[<369!1|70$5+%2", "a", "1234567890", "пароль", "\N{COMBINING ACUTE ACCENT}"])
def test_a_long_password_is_looked_at_no_further_than_an_estimate_can_go(
    monkeypatch: pytest.MonkeyPatch, sign: str
) -> None:
    """Of a text of signs that stand for letters zxcvbn tries every meaning: it gets none of them, and 32 characters."""
    seen: list[str] = []

    def estimate(password: str, **_rest: object) -> dict[str, int]:
        seen.append(password)
        return {"guesses": 10**9}

    monkeypatch.setattr(guessing, "zxcvbn", estimate)
    passwords.check((sign * 128)[:128] if not sign.isdigit() else "x" + (sign * 128)[:127])
    assert seen
    assert all(len(text) <= guessing.EXAMINED and not set(text) & set("@({[<!|$+%") for text in seen)


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


def test_a_few_wait_for_a_turn_and_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    turns = Turns(at_once=1, waiting=1, patience_s=30)
    entered = threading.Event()

    def wait() -> None:
        with turns.take():
            entered.set()

    waiter = threading.Thread(target=wait)
    with turns.take():
        waiter.start()
        while turns._places._value:  # until the waiter has its place
            threading.Event().wait(0.01)
        with pytest.raises(Busy), turns.take():
            pass
        assert not entered.is_set()
    waiter.join()
    assert entered.is_set()


def test_who_waited_in_vain_leaves_the_place(monkeypatch: pytest.MonkeyPatch) -> None:
    turns = Turns(at_once=1, waiting=1, patience_s=0.01)
    with turns.take():
        for _ in range(3):
            with pytest.raises(Busy), turns.take():
                pass
    with turns.take():
        pass
