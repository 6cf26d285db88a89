"""Sites as people write them, origins as browsers do."""

from datetime import UTC, datetime

import pytest

from k5web.domain.calls.widget import MOST_SITES, Widget, is_code, sites
from k5web.domain.money import Price
from k5web.errors import TooMany, WrongSite

NOW = datetime(2026, 12, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("shop.example", "https://shop.example"),
        (" https://Shop.Example/path?x#y ", "https://shop.example"),
        ("http://shop.example:8080", "http://shop.example:8080"),
        ("https://shop.example:443", "https://shop.example"),
        ("http://shop.example:80/", "http://shop.example"),
        ("сайт.рф", "https://xn--80aswg.xn--p1ai"),
        ("localhost:3000", "https://localhost:3000"),
        ("http://127.0.0.1:3000", "http://127.0.0.1:3000"),
    ],
)
def test_an_address_becomes_its_origin(typed: str, meant: str) -> None:
    assert sites(typed) == (meant,)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("сайт.рф", "https://сайт.рф"),
        ("http://Магазин.сайт.рф:8080", "http://магазин.сайт.рф:8080"),
        ("shop.example", "https://shop.example"),
        ("xn--zz99999zz.example", "https://xn--zz99999zz.example"),
        ("xn--a.рф", "https://xn--a.xn--p1ai"),
    ],
)
def test_a_site_is_read_back_in_letters_and_stays_the_same_site(typed: str, read: str) -> None:
    widget = Widget("", 1, "", sites(typed), Price(0, "RUB"), 1, True, NOW, NOW.date(), 0)
    assert widget.sites_as_read == (read,)
    assert sites(read) == widget.sites


def test_several_stand_apart_and_each_once() -> None:
    assert sites("a.example, b.example\na.example/x") == ("https://a.example", "https://b.example")
    assert sites(" \n ") == ()


@pytest.mark.parametrize(
    "typed",
    [
        "ftp://shop.example", "javascript:alert(1)", "https://", "a'b.example", "*", "https://*.shop.example",
        "a.example;b",
        "https://user:pass@shop.example", "https://shop.example:99999", "-a.example", "a..example",
        "x" * 64 + ".example",
        "https://[::1]", "self'", "https://a.example:x", "a." * 126 + "xy",
    ],
)  # fmt: skip
def test_what_could_not_stand_in_a_policy_is_refused(typed: str) -> None:
    with pytest.raises(WrongSite):
        sites(typed)


def test_a_name_of_one_word_is_no_origin_of_nobody() -> None:
    assert sites("null") == ("https://null",)


def test_there_is_room_for_so_many() -> None:
    assert len(sites(" ".join(f"s{n}.example" for n in range(MOST_SITES)))) == MOST_SITES
    with pytest.raises(TooMany):
        sites(" ".join(f"s{n}.example" for n in range(MOST_SITES + 1)))


@pytest.mark.parametrize("text", ["", "x", "a" * 17, "a" * 15 + "'", "a" * 15 + "\n", "я" * 16])
def test_other_text_is_no_code(text: str) -> None:
    assert not is_code(text)
    assert is_code("a-_" * 5 + "9")
