"""What a simulated provider is told: which pages of K5 it may lead people back to."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from k5web.domain.payments.sandbox import SandboxOptions

OPTIONS = SandboxOptions(
    url="http://127.0.0.1:8090/qiwi",
    k5_url="http://127.0.0.1:8000",
    folder="/nowhere",
    clock=lambda: datetime(2026, 11, 30, tzinfo=UTC),
    pages_url="http://192.168.1.5:8000",
)


@pytest.mark.parametrize(
    ("asked", "back"),
    [
        ("http://192.168.1.5:8000/me/pay", "http://192.168.1.5:8000/me/pay"),
        ("", "http://192.168.1.5:8000/"),
        ("/me/pay", "http://192.168.1.5:8000/"),
        ("https://evil.example/", "http://192.168.1.5:8000/"),
        ("http://192.168.1.5:8000.evil.example/", "http://192.168.1.5:8000/"),
        ("http://192.168.1.5:80001/", "http://192.168.1.5:8000/"),
        ("http://192.168.1.5:8000@evil.example/", "http://192.168.1.5:8000/"),
        ("http://127.0.0.1:8000/me", "http://192.168.1.5:8000/"),
    ],
)
def test_people_are_led_back_to_k5_and_nowhere_else(asked: str, back: str) -> None:
    assert OPTIONS.back(asked) == back


def test_without_an_address_for_people_they_come_back_to_where_notices_go() -> None:
    assert replace(OPTIONS, pages_url="").back("") == "http://127.0.0.1:8000/"
