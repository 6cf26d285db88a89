"""What guessers try first is known, in Russian and in English, in either alphabet. Promises: S10, S11."""

import pytest

from k5web.domain.prices.number import Msisdn
from k5web.errors import WeakPassword
from k5web.services.accounts import guessing, passwords
from tests.shared_work import AS_K5_ESTIMATES

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
    monkeypatch.setattr(guessing, "is_guessed_soon", AS_K5_ESTIMATES)
    passwords.check((sign * 128)[:128] if not sign.isdigit() else "x" + (sign * 128)[:127])
    assert seen
    assert all(len(text) <= guessing.EXAMINED and not set(text) & set("@({[<!|$+%") for text in seen)
