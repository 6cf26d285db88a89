"""One table of an operator's file: a value of a wrong kind is named by its key, in words that say what to write."""

import re
from collections.abc import Callable
from ipaddress import ip_network

import pytest

from k5web.config.table import PartnerTable, Table
from k5web.domain.money import Money, rub
from k5web.errors import WrongKey

GOOD = {"code": "bank", "protocol": "plain"}


def table(**values: object) -> Table:
    return Table(values, {"a", "b"}, "a trunk")


def test_a_key_that_is_not_known_is_told_the_known_ones() -> None:
    with pytest.raises(WrongKey, match="colour: is not a key of a trunk; there are: a, b"):
        table(colour="red")


@pytest.mark.parametrize(
    ("read", "value", "said"),
    [
        (lambda one: one.text("a"), None, "must be set"),
        (lambda one: one.text("a"), "", "must be set"),
        (lambda one: one.text("a", ""), 7, "must be text in quotes"),
        (lambda one: one.text("a", shape=re.compile("[0-9]+")), "x1", "cannot be 'x1'"),
        (lambda one: one.choice("a", {"md5", "none"}), "sha", "'sha' is not one of md5, none"),
        (lambda one: one.texts("a"), "x", "must be a list of texts"),
        (lambda one: one.texts("a"), ["x", 1], "must be a list of texts"),
        (lambda one: one.texts("a", shape=re.compile("[0-9]+"), like=" of digits"), ["x"], "a list of texts of digits"),
        (lambda one: one.truth("a", False), "yes", "must be true or false"),
        (lambda one: one.truth("a", False), 1, "must be true or false"),
        (lambda one: one.whole("a"), None, "must be a whole number"),
        (lambda one: one.whole("a"), True, "must be a whole number"),
        (lambda one: one.whole("a"), 1.0, "must be a whole number"),
        (lambda one: one.whole("a", least=1, most=9), 10, "must be a whole number from 1 to 9"),
        (lambda one: one.whole("a", least=1, most=9), 0, "must be a whole number from 1 to 9"),
        (lambda one: one.address("a"), "pay.example", "'pay.example' is not a web address like"),
        (lambda one: one.address("a"), None, "must be set"),
        (lambda one: one.names("a", {"x": "1"}), "x", "must be a table of texts"),
        (lambda one: one.names("a", {"x": "1"}), {"x": 1}, "must be a table of texts"),
        (lambda one: one.names("a", {"x": "1"}), {"y": "1"}, "a.y: is not a known name"),
    ],
)
def test_a_value_of_a_wrong_kind_is_named_by_its_key(read: Callable[[Table], object], value: object, said: str) -> None:
    with pytest.raises(WrongKey, match=re.escape(said)) as refused:
        read(table() if value is None else table(a=value))
    assert str(refused.value.facts["key"]).partition(".")[0] == "a"


def test_values_of_the_right_kind_are_read() -> None:
    found = Table(
        {"a": "x", "b": ["1", "2"], "c": True, "d": 9, "e": "https://pay.example/api/", "f": {"x": "2"}},
        {"a", "b", "c", "d", "e", "f", "g"},
        "a trunk",
    )
    assert (found.text("a"), found.texts("b"), found.truth("c", False)) == ("x", ("1", "2"), True)
    assert (found.whole("d", least=1, most=9), found.address("e")) == (9, "https://pay.example/api")
    assert found.names("f", {"x": "1", "y": "3"}) == {"x": "2", "y": "3"}


def test_what_is_not_told_has_its_default() -> None:
    found = table()
    assert (found.text("a", ""), found.choice("a", {"md5"}, "md5"), found.texts("a", ("x",))) == ("", "md5", ("x",))
    assert (found.truth("a", True), found.whole("a", 7), found.names("a", {"x": "1"})) == (True, 7, {"x": "1"})


def test_a_partner_has_defaults_that_let_nobody_in() -> None:
    partner = PartnerTable(GOOD, ()).partner({"plain"})
    assert (partner.title, partner.currency) == ("bank", "RUB")
    assert (partner.minimum, partner.maximum) == (rub("10.00"), rub("15000.00"))
    assert (partner.allowed, partner.secrets, partner.is_open) == ((), (), True)
    assert partner.account_types == ("id", "phone")


def test_a_partner_is_read_as_it_is_told() -> None:
    told = {"title": "Банк", "currency": "KGS", "minimum": "5.00", "allowed": ["192.0.2.0/24"], "is_open": False}
    partner = PartnerTable({**GOOD, **told, "account_types": ["inn"], "secrets": ["s"]}, ()).partner({"plain"})
    assert (partner.title, partner.minimum, partner.is_open) == ("Банк", Money(500, "KGS"), False)
    assert (partner.allowed, partner.account_types) == ((ip_network("192.0.2.0/24"),), ("inn",))


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("code", "Bank", "small letters, digits and '-' only"),
        ("code", "-bank", "small letters"),
        ("code", "b" * 32, "small letters"),
        ("code", "bank\n", "small letters"),
        ("protocol", "other", "'other' is not one of plain"),
        ("currency", "USD", "'USD' is not one of"),
        ("minimum", "10,001", "is not a sum of money"),
        ("maximum", "-1", "is not a sum of money"),
        ("allowed", ["192.0.2.1/24"], "has host bits set"),
        ("allowed", ["provider.example"], "does not appear to be"),
        ("account_types", ["email"], "'email' is not one of id, phone, inn"),
        ("colour", "red", "is not a key of protocol plain"),
    ],
)
def test_a_partner_that_cannot_be_is_refused_by_its_key(key: str, value: object, said: str) -> None:
    with pytest.raises(WrongKey, match=re.escape(said)) as refused:
        PartnerTable({**GOOD, key: value}, ()).partner({"plain"})
    assert refused.value.facts["key"] == key


def test_a_protocol_has_keys_of_its_own() -> None:
    assert PartnerTable({**GOOD, "login": "k5"}, {"login"}).text("login") == "k5"
