"""Settings of SMS and mail."""

import pytest

from k5web.config.messages import MailServer, read
from k5web.domain.accounts.email_address import EmailAddress
from k5web.domain.messaging.quiet_hours import QuietHours
from k5web.domain.messaging.service_numbers import ServiceNumbers
from k5web.domain.money import rub
from k5web.errors import WrongSetting

KANNEL = {
    "K5_SMS": "kannel",
    "K5_KANNEL_URL": "http://127.0.0.1:13013",
    "K5_KANNEL_USER": "k5",
    "K5_KANNEL_PASSWORD": "p" * 20,
    "K5_SMS_SECRET": "s" * 24,
}


def test_without_settings_messages_stay_in_this_house() -> None:
    found = read({})
    assert (found.kannel, found.mail, found.secret) == (None, None, "")
    assert found.numbers == ServiceNumbers("4443", "5–6", "79037976171")
    assert (found.terms.day, found.terms.reserve) == (rub("1000.00"), rub("200.00"))
    assert read({"K5_SMS_DAY": "50.00"}).terms.reserve == rub("10.00")
    assert read({"K5_SMS_RESERVE": "0.00"}).terms.notices_day == rub("1000.00")


def test_what_the_operator_says_counts() -> None:
    found = read(
        KANNEL
        | {"K5_SMS_SHORT": "7777", "K5_SMS_SHORT_PRICE": "3-4", "K5_SMS_LONG": "+79161112233", "K5_SMS_PART": "1.10"}
        | {"K5_SMS_COUNTRIES": "RU, AM", "K5_QUIET_HOURS": "23-7", "K5_MAIL_FROM": "k5@example.ru"}
        | {"K5_MAIL": "smtps://k5:p%40ss@mail.example.ru"}
    )
    assert found.numbers == ServiceNumbers("7777", "3–4", "79161112233")
    assert (found.terms.part, found.terms.countries) == (rub("1.10"), frozenset({"RU", "AM"}))
    assert found.quiet == QuietHours(23, 7)
    assert found.mail == MailServer("mail.example.ru", 465, is_tls=True, user="k5", password="p@ss")
    assert found.mail_from == EmailAddress("k5@example.ru")
    assert [name for name, _ in found.secrets] == ["K5_KANNEL_PASSWORD", "K5_MAIL"]
    assert "p@ss" not in repr(found)
    assert "p" * 20 not in repr(found)


@pytest.mark.parametrize("left_out", sorted(set(KANNEL) - {"K5_SMS"}))
def test_kannel_needs_all_that_is_its_own(left_out: str) -> None:
    with pytest.raises(WrongSetting, match=f"^{left_out}: "):
        read({name: value for name, value in KANNEL.items() if name != left_out})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("K5_SMS", "smpp"),
        ("K5_SMS_SECRET", "short"),
        ("K5_SMS_ALLOWED", "everywhere"),
        ("K5_SMS_SHORT", "44"),
        ("K5_SMS_SHORT_PRICE", "five"),
        ("K5_SMS_LONG", "+79161112233,+79161112234"),
        ("K5_SMS_PART", "2,5"),
        ("K5_SMS_DAY", "-1.00"),
        ("K5_SMS_RESERVE", "1000.01"),
        ("K5_SMS_COUNTRIES", "Russia"),
        ("K5_SMS_COUNTRIES", ""),
        ("K5_QUIET_HOURS", "24-8"),
        ("K5_QUIET_HOURS", "night"),
        ("K5_MAIL", "http://mail.example.ru"),
        ("K5_MAIL", "smtp://user@mail.example.ru"),
        ("K5_MAIL", "smtp://mail.example.ru:port"),
    ],
)
def test_a_wrong_value_is_named(name: str, value: str) -> None:
    with pytest.raises(WrongSetting, match=f"^{name}: "):
        read({name: value})


def test_a_mail_server_needs_a_sender() -> None:
    with pytest.raises(WrongSetting, match=r"^K5_MAIL_FROM: "):
        read({"K5_MAIL": "smtp://127.0.0.1:25"})
