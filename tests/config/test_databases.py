"""Several hosts in any spelling are one address; what cannot be read is refused, and no password is shown."""

import pytest

from k5web.config import databases
from k5web.errors import WrongSetting

NAME = "K5_DATABASE_URL"
START = "postgresql+psycopg://"


def address(text: str) -> str:
    """The address as the house takes it."""
    return databases.address({NAME: text}, NAME, "sqlite:///var/k5.db")


@pytest.mark.parametrize(
    "text",
    [
        "sqlite:///var/k5.db",
        f"{START}k5_run:pass@127.0.0.1/k5",
        f"{START}k5_run:pass@127.0.0.1:6432/k5?connect_timeout=2",
        f"{START}k5_run@[::1]:5432/k5",
        f"{START}k5_run@/k5",
    ],
)
def test_one_place_stays_as_it_is_written(text: str) -> None:
    assert address(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "k5:p%40ss@a:1,b:2/k5?target_session_attrs=primary",
        "k5:p%40ss@/k5?host=a:1&host=b:2&target_session_attrs=primary",
        "k5:p%40ss@/k5?host=a,b&port=1,2&target_session_attrs=primary",
        "k5:p%40ss@/k5?target_session_attrs=primary&host=a:1,b:2",
    ],
)
def test_several_hosts_are_one_address_in_each_spelling(text: str) -> None:
    wanted = "k5:p%40ss@/k5?host=a,b&port=1,2&target_session_attrs=primary"
    assert address(START + text) == START + wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("k5@a,b/k5", "k5@/k5?host=a,b"),
        ("k5@a,b:6432/k5", "k5@/k5?host=a,b&port=,6432"),
        ("k5@/k5?host=a,b&port=6432", "k5@/k5?host=a,b&port=6432,6432"),
        ("k5@[::1]:1,[::2]:2/k5", "k5@/k5?host=::1,::2&port=1,2"),
        ("k5@/k5?host=/var/run/postgresql", "k5@/k5?host=/var/run/postgresql"),
    ],
)
def test_ports_that_are_not_said_and_hosts_of_other_kinds(text: str, wanted: str) -> None:
    assert address(START + text) == START + wanted


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("mysql://k5@a/k5", "must begin with"),
        ("sqlite:///:memory:", "names no file"),
        (f"{START}k5:s3cret@a:no/k5", "host or port"),
        (f"{START}k5:s3cret@a:1,b:99999/k5", "host or port"),
        (f"{START}k5:s3cret@[::1/k5", "host or port"),
        (f"{START}k5:s3cret@a/k5?host=b", "one of both places"),
        (f"{START}k5:s3cret@/k5?host=a:1&port=2", "one of both places"),
        (f"{START}k5:s3cret@/k5?host=a,b,c&port=1,2", "as many as there are hosts"),
        (f"{START}k5:s3cret@/k5?host=a,b&port=1,x", "host or port"),
    ],
)
def test_an_address_that_cannot_be_read_is_named_without_its_password(text: str, reason: str) -> None:
    with pytest.raises(WrongSetting, match=reason) as refusal:
        address(text)
    assert "s3cret" not in str(refusal.value)
