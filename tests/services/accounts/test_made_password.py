"""Passwords that K5 makes."""

import re

from k5web.services.accounts import made_password, passwords

KEY = b"k" * 32


def test_the_same_name_gives_the_same_password_and_another_key_another() -> None:
    made = made_password.make(KEY, "fake:1")
    assert made == made_password.make(KEY, "fake:1")
    assert len({made, made_password.make(KEY, "fake:2"), made_password.make(b"o" * 32, "fake:1")}) == 3


def test_a_made_password_is_good_and_easily_typed() -> None:
    for n in range(20):
        made = made_password.make(KEY, str(n))
        assert re.fullmatch(r"([a-z2-9]{4}-){2}[a-z2-9]{4}", made)
        assert not set(made) & set("il1o0")
        passwords.check(made)
