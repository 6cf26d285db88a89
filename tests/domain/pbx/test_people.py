"""Extensions, logins, networks, and how long a browser's account lives (B7)."""

from datetime import UTC, datetime, timedelta

import pytest

from k5web.domain.pbx import people
from k5web.errors import ExtensionTaken, WrongExtension, WrongNetwork

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize("text", ["10", "201", "9999", " 77 "])
def test_an_extension_has_two_to_four_digits(text: str) -> None:
    assert people.extension(text) == text.strip()


@pytest.mark.parametrize(
    "text",
    ["", "0", "1", "00", "020", "12345", "101", "102", "103", "104", "112", "2o1", "²01", "٢٠١", "20\n1", "2 01"],
)
def test_anything_else_and_emergency_numbers_are_none(text: str) -> None:
    with pytest.raises(WrongExtension):
        people.extension(text)


def test_the_first_free_extension_is_201_and_the_next_ones_follow() -> None:
    assert people.free_extension([]) == "201"
    assert people.free_extension(["201", "203", "55"]) == "202"
    with pytest.raises(ExtensionTaken):
        people.free_extension(map(str, range(201, 10_000)))


def test_a_login_is_never_digits_only() -> None:
    """A trunk's caller shows digits: no account is called so."""
    assert people.phone_login(8841, 2) == "u8841-2"
    assert people.browser_login(8841, "00ff00ff00ff00ff") == "w8841-00ff00ff00ff00ff"


def test_of_a_password_the_digest_of_the_switch_is_kept() -> None:
    """As Asterisk counts it: MD5 of login, realm and password (echo -n u1-1:asterisk:secret | md5sum)."""
    assert people.digest_of("u1-1", "secret") == "8fc618e138c90cf1c6d847b6c06ab2f5"


def test_networks_are_read_as_people_type_them() -> None:
    typed = " 203.0.113.7, 198.51.100.9/24;2001:db8::1/32\n203.0.113.7"
    assert people.networks(typed) == ("203.0.113.7/32", "198.51.100.0/24", "2001:db8::/32")
    assert people.networks("  ") == ()


@pytest.mark.parametrize(
    "text",
    [
        "office",
        "0.0.0.0/0",
        "::/0",
        "203.0.113.256",
        "203.0.113.0/33",
        "1.1.1.1 1.1.1.2 1.1.1.3 1.1.1.4 1.1.1.5 1.1.1.6",
    ],
)
def test_what_is_no_network_or_every_address_is_refused(text: str) -> None:
    with pytest.raises(WrongNetwork):
        people.networks(text)


def test_a_browser_may_dial_for_eight_hours_or_until_its_log_in_ends() -> None:
    assert people.until_of(NOON, NOON + timedelta(days=180)) == NOON + timedelta(hours=8)
    assert people.until_of(NOON, NOON + timedelta(minutes=30)) == NOON + timedelta(minutes=30)
